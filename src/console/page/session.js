// The operator's token, for as long as the tab is open; it is in no address and in no cookie.

const key = 'mws.operatorToken';

export const session = {
    get token() {
        return sessionStorage.getItem(key) ?? '';
    },
    set token(value) {
        if (value) sessionStorage.setItem(key, value);
        else sessionStorage.removeItem(key);
    },
};

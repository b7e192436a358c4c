// The one way in which anything gets into the page: what comes from outside is text, never markup.

const svgNamespace = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
        if (value === undefined || value === null || value === false) continue;
        if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
        else element.setAttribute(name, value === true ? '' : String(value));
    }
    for (const child of children.flat()) {
        if (child === undefined || child === null || child === false) continue;
        element.append(child); // a string becomes a text node
    }
    return element;
}

/** An element: `h('button', { class: 'quiet', onclick: … }, 'Close')`. */
export function h(tag, attributes = {}, ...children) {
    return fill(document.createElement(tag), attributes, children);
}

/** The same of SVG. */
export function svg(tag, attributes = {}, ...children) {
    return fill(document.createElementNS(svgNamespace, tag), attributes, children);
}

let lastId = 0;
/** An id that no other element has. */
export function newId(prefix) {
    lastId += 1;
    return `${prefix}-${lastId}`;
}

/** Sets the text if it is another one, so that screen readers are told of changes only. */
export function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

/** Says something for some seconds, also to screen readers. */
export function toast(text, kind = 'good') {
    const item = h('div', { class: `toast ${kind}` }, text);
    document.getElementById('toasts').append(item);
    setTimeout(() => item.remove(), 6000);
}

/** A button that copies what `text()` says. */
export function copyButton(text, label = 'Copy') {
    const button = h('button', { type: 'button', class: 'small', onclick: copy }, label);
    async function copy() {
        try {
            await navigator.clipboard.writeText(text());
            button.textContent = 'Copied';
        } catch {
            button.textContent = 'Select and copy by hand'; // only https and localhost have a clipboard
        }
        setTimeout(() => {
            button.textContent = label;
        }, 2000);
    }
    return button;
}

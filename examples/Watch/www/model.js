// A model's layers as boxes, from the first to the last.

import { short } from "./scale.js";

/** Shows a layer and those within it in an element. */
export function showModel(parent, root) {
  parent.replaceChildren(layer(root, ""));
}

function layer(node, name) {
  const children = Array.isArray(node.children) ? node.children : [];
  const box = document.createElement("div");
  box.className = children.length > 0 ? "layer group" : "layer";
  const title = document.createElement("span"), kind = document.createElement("b"), settings = document.createElement("span");
  kind.textContent = node.kind ?? "layer";
  settings.textContent = ` ${node.settings ?? ""}`;
  settings.className = "settings";
  if (name) title.append(`${name}: `);
  title.append(kind, settings);
  const costs = document.createElement("span");
  costs.className = "costs";
  costs.textContent = [shape(node), count(node.parameters, "parameters"), count(node.flops, "FLOPs a batch")].filter(text => text).join(" · ");
  box.append(title, costs);
  if (children.length > 0) {
    const list = document.createElement("ol");
    list.className = node.kind === "Sequential" ? "flow" : "parts";         // only there is the order known to be the data's
    for (const child of children) {
      const item = document.createElement("li");
      item.append(layer(child, child.name));
      list.append(item);
    }
    box.append(list);
  }
  return box;
}

const shape = node => Array.isArray(node.output_shape) ? `→ (${node.output_shape.join(", ")})` : "";

const count = (number, unit) => number > 0 ? `${number < 1e6 && unit === "parameters" ? number.toLocaleString("en") : short(number)} ${unit}` : "";

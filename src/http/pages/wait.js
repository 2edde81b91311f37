"use strict";
const address = document.getElementById("continue").href;
const later = () => setTimeout(look, 3000);
const look = () => fetch(address + "&progress=yes", { redirect: "manual" }).then(
  (answer) => (answer.status === 202 ? later() : location.replace(address)),
  later,
);
later();

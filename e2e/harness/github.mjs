// Deliveries as GitHub sends them: the fields that its documentation names, signed with the source's secret.

import { createHash, createHmac, randomUUID } from "node:crypto";

/**
 * @typedef {object} Deployment
 * @property {number} id
 * @property {string} ref what was deployed
 * @property {string} description
 * @property {string} by who
 * @property {string} at RFC 3339
 */

const REPOSITORY = {
  id: 7700,
  name: "checkout",
  full_name: "orchard/checkout",
  private: true,
  html_url: "https://github.example/orchard/checkout",
  default_branch: "main",
};

/** @param {string} login */
const user = (login) => ({ login, id: login.length, type: "User", html_url: `https://github.example/${login}` });

/** @param {Deployment} deployment */
const described = (deployment) => ({
  id: deployment.id,
  sha: createHash("sha1").update(deployment.ref).digest("hex"),
  ref: deployment.ref,
  task: "deploy",
  payload: {},
  environment: "production",
  original_environment: "production",
  description: deployment.description,
  creator: user(deployment.by),
  created_at: deployment.at,
  updated_at: deployment.at,
});

/**
 * A deployment was begun.
 * @param {Deployment} deployment
 */
export function begun(deployment) {
  const body = {
    action: "created",
    deployment: described(deployment),
    workflow: null,
    workflow_run: null,
    repository: REPOSITORY,
    sender: user(deployment.by),
  };
  return { event: "deployment", body };
}

/**
 * A deployment tells how it went.
 * @param {Deployment} deployment
 * @param {"success" | "failure" | "in_progress"} state
 * @param {string} at RFC 3339
 */
export function ended(deployment, state, at) {
  const status = {
    id: deployment.id * 10,
    state,
    creator: user(deployment.by),
    description: "",
    environment: "production",
    target_url: "",
    created_at: at,
    updated_at: at,
  };
  const body = {
    action: "created",
    deployment_status: status,
    deployment: described(deployment),
    repository: REPOSITORY,
    sender: user(deployment.by),
  };
  return { event: "deployment_status", body };
}

/**
 * Delivers, signed.
 * @param {string} url
 * @param {string} secret
 * @param {{ event: string, body: unknown }} delivery
 * @returns {Promise<Response>}
 */
export function deliver(url, secret, delivery) {
  const body = JSON.stringify(delivery.body);
  return fetch(url, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "user-agent": "GitHub-Hookshot/0000000",
      "x-github-event": delivery.event,
      "x-github-delivery": randomUUID(),
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    },
  });
}

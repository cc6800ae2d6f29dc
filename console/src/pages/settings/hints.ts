import { type Hints, SRTP, TRANSPORTS } from "../../forms/hints";

const CODE = { placeholder: "Off" };

export const SECTION_HINTS: Record<string, Hints> = {
  trunks: {
    name: { help: "Small letters, digits and _" },
    host: { help: "The provider's gateway" },
    port: {},
    username: { help: "As the provider gave it; empty: known by its address" },
    password: {},
    registers: { label: "Register at the provider" },
    caller_id: { input: "phone", help: "Shown where a user and a route have none" },
    max_channels: { label: "Calls at once", help: "0: no limit" },
    codecs: { help: "In order of preference", more: true },
    transport: { words: TRANSPORTS, more: true },
    srtp: { ...SRTP, more: true },
    caller_id_in: { label: "Caller id sent in", more: true },
    addresses: { help: "Further addresses its calls come from", more: true },
    inbound_username: { help: "If the provider logs in here", more: true },
    inbound_password: { more: true },
    watch: { label: "Watch whether it answers", more: true },
  },
  routes: {
    name: {},
    patterns: { help: "Such as 0XXXXXXXXX, 00. or +.; the first route that fits counts", placeholder: "Type a pattern and press Enter" },
    trunks: { input: "trunks", help: "Tried in this order" },
    strip: { help: "So many digits are taken off what was dialled" },
    prepend: { help: "Put before it" },
    caller_id: { input: "phone" },
    force_caller_id: { label: "Show it even where a user has one" },
    users: { input: "users", label: "Users", help: "Empty: everybody" },
    ring_time: { unit: "seconds", more: true },
  },
  allowed_networks: { network: { placeholder: "192.168.1.0/24" }, ports: { placeholder: "443" } },
  network: {
    external_address: { help: "The router's public address, if the phone system stands behind one" },
    local_networks: { help: "Phones here get the phone system's own address" },
  },
  feature_codes: {
    voicemail: { ...CODE, label: "Listen to voicemail" },
    pickup: { ...CODE, label: "Pick up a call of the own group" },
    pickup_extension: { ...CODE, label: "Pick up an extension's call" },
    dnd_on: { ...CODE, label: "Do not disturb on" },
    dnd_off: { ...CODE, label: "Do not disturb off" },
    time_condition: { ...CODE, label: "Override a time condition" },
    record_prompt: { ...CODE, label: "Record a prompt" },
  },
  transfers: { recall: { label: "Bring back what nobody takes", help: "A blind transfer that is not answered rings whoever transferred it" } },
  parking: { timeout: { unit: "seconds", help: "Then they ring whoever parked them" } },
  emergency: { numbers: { help: "No limit, list or full disk keeps a phone from them" }, trunks: { input: "trunks", help: "Tried first" } },
  recordings: { format: { words: { wav: "WAV: plays everywhere", opus: "Ogg Opus: about a tenth of the size" } } },
  blocked_callers: {
    numbers: { help: "Such as 61400000001, or 6149. for all that begin so; the same with and without +", placeholder: "Type a number and press Enter" },
    withheld: { label: "Whoever shows no number, too" },
  },
  outside: { blocked: { help: "Beginnings of numbers that nobody may dial; one with a + is also meant as dialled behind 00" } },
};

export const ABOUT: Record<string, string> = {
  trunks: "Providers' gateways: calls from there enter the flows, calls out leave by them.",
  routes: "Which trunk a dialled number leaves by; the first route that fits counts.",
  outside: "What nobody may dial.",
  blocked_callers: "Calls from outside that are declined before anybody is rung. They are listed under Calls; no webhook is sent.",
  emergency: "Numbers that can always be dialled.",
  feature_codes: "What is dialled on a phone for each feature. None is reached from a trunk.",
  parking: "Calls transferred to the extension wait in a slot until somebody dials it.",
  transfers: "What becomes of calls that phones transfer.",
  music: "What those hear who wait: uploaded prompts.",
  recordings: "How recordings are kept.",
  allowed_networks: "Webhooks never go to private addresses unless they are allowed here, with their ports.",
  network: "Where the phone system stands, so that audio finds its way through routers.",
  numbers: "The numbers that your provider gave you, with what each is for. Inbound number objects are checked against them; without any, every number can be used.",
};

/** What an empty section is for, and what to do first. */
export const EMPTY: Record<string, string> = {
  trunks: "A trunk is the connection to your SIP provider. Without one, calls stay among your own phones.",
  routes: "Without a route nobody can call out, emergency numbers aside. Add one that names the patterns people dial and the trunk they leave by.",
  music: "Without a music class those who wait hear the engine's own music. Upload prompts first, then choose them in a class.",
  allowed_networks: "Receivers on the internet need none. Allow a network here for a receiver in your own network, such as 192.168.1.0/24 with port 443.",
  numbers: "List them once, and a number that is mistyped in a flow is found before it is applied.",
};

export const ENTRY_NAMES: Record<string, string> = { trunks: "trunk", routes: "route", allowed_networks: "network", music: "music class", numbers: "number" };

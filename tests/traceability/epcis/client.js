// Captures and queries with epcis2.js, a client nobody here wrote; says what it saw as one JSON line.
const client = require('./vendor/epcis2.js/epcis2.node.js');

const [apiUrl, token, tag] = process.argv.slice(2);
const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
client.setup({ apiUrl, headers, eventTimeZoneOffset: '+02:00' });

async function ask(path) {
  const answer = await fetch(`${apiUrl}/${path}`, { headers });
  return answer.json();
}

async function main() {
  const event = new client.ObjectEvent()
    .setEventTime('2026-03-04T11:00:30.000+01:00')
    .setEventTimeZoneOffset('+01:00')
    .addEPC(`urn:epc:id:sgtin:4012345.033333.${tag}`)
    .setAction(client.cbv.actionTypes ? client.cbv.actionTypes.observe : 'OBSERVE')
    .setBizStep('shipping')
    .setDisposition('in_transit')
    .setReadPoint('urn:epc:id:sgln:4012345.00001.0');
  const document = new client.EPCISDocument().setCreationDate('2026-03-04T12:00:00Z').addEvent(event);
  document.setContext('https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld');
  const answer = await client.capture(document);
  const job = new client.CaptureResponse(answer);
  await job.pollForTheCaptureToFinish(60, 500);
  const asked = encodeURIComponent(`urn:epc:id:sgtin:4012345.033333.${tag}`);
  const found = await ask(`events?MATCH_epc=${asked}`);
  const list = found.epcisBody.queryResults.resultsBody.eventList;
  const read = list.map((e) => client.objectToEvent(e).getBizStep());
  const errors = job.getErrors();
  const hash = client.eventToHashedId(event.toObject(), { '@context': document.getContext() });
  console.log(JSON.stringify({ status: answer.status, running: job.getRunningStatus(),
    success: job.getSuccessStatus(), errors, read, id: list[0] && list[0].eventID, hash }));
}

main().catch((error) => { console.error(error); process.exit(1); });

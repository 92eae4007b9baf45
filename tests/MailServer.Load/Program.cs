using System.CommandLine;
using System.Net.Sockets;
using System.Security.Authentication;
using MailServer.Load;

var host = new Option<string>("--host") { Description = "name or address of the server", DefaultValueFactory = _ => "127.0.0.1", Recursive = true };
var smtpPort = new Option<int>("--smtp-port") { Description = "the receiving port", DefaultValueFactory = _ => 25, Recursive = true };
var imapPort = new Option<int>("--imap-port") { Description = "IMAP in the clear", DefaultValueFactory = _ => 143, Recursive = true };
var imapsPort = new Option<int>("--imaps-port") { Description = "IMAP over TLS", DefaultValueFactory = _ => 993, Recursive = true };
var pattern = new Option<string>("--user") { Description = "address and login of each user, {n} from 1", DefaultValueFactory = _ => "user{n}@bench.test", Recursive = true };
var users = new Option<int>("--users") { Description = "how many users", DefaultValueFactory = _ => 50, Recursive = true };
var password = new Option<string>("--password") { Description = "of every user", DefaultValueFactory = _ => "", Recursive = true };
var json = new Option<bool>("--json") { Description = "one line of JSON", Recursive = true };
var server = new Option<string?>("--server") { Description = "the name of the server in the JSON", Recursive = true };
var messages = new Option<int?>("--messages") { Description = "how many messages (deliver: 3000, fetch: 10000)" };
var connections = new Option<int?>("--connections") { Description = "how many connections (deliver: 10, idle: 1000)" };
var size = new Option<int>("--size") { Description = "octets of a message", DefaultValueFactory = _ => 4_096 };
var repeat = new Option<int>("--repeat") { Description = "warm runs", DefaultValueFactory = _ => 5 };
var deliveries = new Option<int>("--deliveries") { Description = "messages pushed", DefaultValueFactory = _ => 200 };
var rate = new Option<int>("--rate") { Description = "of them a second", DefaultValueFactory = _ => 20 };
var processes = new Option<int[]>("--pid") { Description = "processes of the server, with their descendants", AllowMultipleArgumentsPerToken = true };
var results = new Argument<FileInfo>("results") { Description = "runs of `--json`, a line each" };
var peer = new Option<string>("--peer") { Description = "the server compared with", Required = true };
var ours = new Option<string>("--ours") { Description = "the server compared", Required = true };

var deliver = new Command("deliver", "SMTP deliveries a second until visible by IMAP STATUS") { messages, connections, size };
deliver.SetAction(parsed => ReportAsync(parsed, target => new DeliverScenario(target)
{
    Messages = parsed.GetValue(messages) ?? 3_000,
    Connections = parsed.GetValue(connections) ?? 10,
    Size = parsed.GetValue(size),
}.RunAsync()));

var fetch = new Command("fetch", "FETCH of flags and envelopes of one large folder") { messages, repeat };
fetch.SetAction(parsed => ReportAsync(parsed, target => new FetchScenario(target)
{
    Messages = parsed.GetValue(messages) ?? 10_000,
    Repeat = parsed.GetValue(repeat),
}.RunAsync()));

var idle = new Command("idle", "TLS sessions in IDLE: memory and push latency") { connections, deliveries, rate, processes };
idle.SetAction(parsed => ReportAsync(parsed, target => new IdleScenario(target)
{
    Connections = parsed.GetValue(connections) ?? 1_000,
    Deliveries = parsed.GetValue(deliveries),
    Rate = parsed.GetValue(rate),
    Processes = parsed.GetValue(processes) ?? [],
}.RunAsync()));

var table = new Command("table", "a Markdown table of medians and ratios from runs with --json and --server") { results, peer, ours };
table.SetAction(parsed => Console.Write(ComparisonTable.Of(File.ReadLines(parsed.GetRequiredValue(results).FullName), parsed.GetRequiredValue(peer), parsed.GetRequiredValue(ours))));

var root = new RootCommand("Puts load on a mail server, whichever it is, and checks that nothing is lost or doubled.")
{
    host, smtpPort, imapPort, imapsPort, pattern, users, password, json, server, deliver, fetch, idle, table,
};
return await root.Parse(args).InvokeAsync();

async Task<int> ReportAsync(ParseResult parsed, Func<TargetServer, Task<ScenarioReport>> run)
{
    var target = new TargetServer
    {
        Host = parsed.GetRequiredValue(host),
        SmtpPort = parsed.GetValue(smtpPort),
        ImapPort = parsed.GetValue(imapPort),
        ImapsPort = parsed.GetValue(imapsPort),
        Pattern = parsed.GetRequiredValue(pattern),
        Users = parsed.GetValue(users),
        Password = parsed.GetRequiredValue(password),
    };
    try
    {
        var report = await run(target);
        Console.WriteLine(parsed.GetValue(json) ? report.ToJson(parsed.GetValue(server)) : $"{report.Scenario}: {report.Sentence}");
        return 0;
    }
    catch (Exception failure) when (failure is LoadException or IOException or SocketException or AuthenticationException or TimeoutException)
    {
        await Console.Error.WriteLineAsync($"load: {failure.Message}");
        return 1;
    }
}

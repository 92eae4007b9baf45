using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MailServer.Common;
using MailServer.Domain.Formatting;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>dmarc report</c> and <c>tls-report</c>, each with <c>list|summary|show|send</c>, through the running server.</summary>
internal static class ReportCommands
{
    private static readonly Argument<long> Id = new("ID") { Description = "The report's number, as shown by 'list'." };

    public static Command Dmarc(CommandFactory factory)
    {
        var kind = new ReportCommandKind("dmarc", "dmarc report", "messages");
        return CommandFactory.Group("report", "Show and send DMARC aggregate reports.", List(factory, kind), Summary(factory, kind), Show(factory, kind, ShowDmarcAsync), Send(factory, kind));
    }

    public static Command Tls(CommandFactory factory)
    {
        var kind = new ReportCommandKind("tls", "tls-report", "sessions");
        return CommandFactory.Group("tls-report", "Show and send TLS reports (TLSRPT).", List(factory, kind), Summary(factory, kind), Show(factory, kind, ShowTlsAsync), Send(factory, kind));
    }

    private static Command List(CommandFactory factory, ReportCommandKind kind)
    {
        var max = new Option<int>("--max") { Description = "Show at most N reports.", HelpName = "N", DefaultValueFactory = _ => 1_000 };
        var sent = new Option<bool>("--sent") { Description = "List the reports that this server sent, with their delivery results." };
        return factory.Action(
            "list", "List the received reports, newest first.", [$"{kind.Command} list", $"{kind.Command} list --sent --json"], [max, sent, factory.Json], async (context, cancel) =>
            {
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var query = string.Create(CultureInfo.InvariantCulture, $"?max={Math.Max(1, context.Get(max))}");
                if (context.Get(sent)) return context.Print(Sent(kind, await server.GetAsync<IReadOnlyList<SentReportDocument>>($"reports/{kind.Path}/sent{query}", cancel)));
                var listing = new Listing("id", "received", "domain", "organization", "begin", "end", kind.Counted, "failed");
                foreach (var report in await server.GetAsync<IReadOnlyList<ReceivedReportDocument>>($"reports/{kind.Path}{query}", cancel))
                    listing.Add(report.Id, report.ReceivedAt, report.Domain, report.Organization, report.Begin, report.End, report.Messages, report.Failures);
                return context.Print(listing);
            });
    }

    private static Command Summary(CommandFactory factory, ReportCommandKind kind)
    {
        var domain = new Option<string>("--domain") { Description = "Show only this domain.", HelpName = "DOMAIN" };
        return factory.Action(
            "summary", "Show what the received reports say about each domain, by week, newest first.", [$"{kind.Command} summary", $"{kind.Command} summary --domain example.org --json"], [domain, factory.Json], async (context, cancel) =>
            {
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var about = context.Get(domain) is { } one ? CommandContext.Domain(one) : "";
                var listing = new Listing("week", "domain", "reports", kind.Counted, "failed") { HasDomains = true };
                foreach (var week in await server.GetAsync<IReadOnlyList<ReportSummaryDocument>>($"reports/{kind.Path}/summary?domain={Uri.EscapeDataString(about)}", cancel))
                    listing.Add(week.Week, week.Domain, week.Reports, week.Messages, week.Failures);
                return context.Print(listing);
            });
    }

    private static Command Show(CommandFactory factory, ReportCommandKind kind, Func<AdminClient, CommandContext, string, CancellationToken, Task<bool>> show) => factory.Action(
        "show", "Show a received report.", [$"{kind.Command} show 12", $"{kind.Command} show 12 --json"], [Id, factory.Json], async (context, cancel) =>
        {
            var id = context.Get(Id).ToString(CultureInfo.InvariantCulture);
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            if (!await show(server, context, $"reports/{kind.Path}/{id}", cancel)) throw new CommandFailure($"no report '{id}'; see 'mailserver {kind.Command} list'");
            return ExitCodes.Success;
        });

    private static Command Send(CommandFactory factory, ReportCommandKind kind)
    {
        var day = new Option<string>("--day") { Description = "The day (UTC): YYYY-MM-DD, 'today' or 'yesterday'.", HelpName = "DAY", DefaultValueFactory = _ => "yesterday" };
        var domain = new Option<string>("--domain") { Description = "Send only the report about this domain.", HelpName = "DOMAIN" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Send nothing; list the reports and their destinations." };
        return factory.Action(
            "send", "Send the reports for a day now instead of at their scheduled time. They are not sent again later.",
            [$"{kind.Command} send --day today --dry-run", $"{kind.Command} send --domain example.org"], [day, domain, dryRun, factory.Json], async (context, cancel) =>
            {
                var query = $"?day={DayOf(context, context.Get(day)!)}";
                if (context.Get(domain) is { } one) query += $"&domain={Uri.EscapeDataString(CommandContext.Domain(one))}";
                if (context.Get(dryRun)) query += "&dry_run=true";
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var sent = await server.RequestAsync<IReadOnlyList<SentReportDocument>>(HttpMethod.Post, $"reports/{kind.Path}/send{query}", cancel);
                if (sent is { Count: > 0 } || context.WantsJson) return context.Print(Sent(kind, sent ?? []));
                context.WriteLine($"nothing to report for {DayOf(context, context.Get(day)!)}{(context.Get(domain) is { } about ? " about " + about : "")}");
                return ExitCodes.Success;
            });
    }

    private static Listing Sent(ReportCommandKind kind, IReadOnlyList<SentReportDocument> reports)
    {
        var listing = new Listing("domain", "day", kind.Counted, "destinations", "outcome", "report_id", "at");
        foreach (var report in reports) listing.Add(report.Domain, report.Day, report.Messages, report.Destinations, report.Outcome, report.ReportId, report.At);
        return listing;
    }

    private static async Task<bool> ShowDmarcAsync(AdminClient server, CommandContext context, string path, CancellationToken cancel)
    {
        if (await server.RequestAsync<DmarcReportDocument>(HttpMethod.Get, path, cancel) is not { } shown) return false;
        if (context.WantsJson)
        {
            context.WriteJson(JsonSerializer.Serialize(shown, AdminJson.Default.DmarcReportDocument));
            return true;
        }

        Introduce(context, shown.Report, "message");
        var policy = shown.Policy;
        context.WriteLine($"policy of {policy.Domain}: p={policy.P} sp={policy.Sp} np={policy.Np} adkim={policy.Adkim} aspf={policy.Aspf} t={policy.Testing}");
        var listing = new Listing("source", "count", "disposition", "dkim", "spf", "header_from", "envelope_from", "dkim_results", "spf_results", "reasons");
        foreach (var row in shown.Rows)
            listing.Add(row.Source, row.Count, row.Disposition, row.Dkim, row.Spf, row.HeaderFrom, row.EnvelopeFrom, row.DkimResults, row.SpfResults, row.Reasons);
        context.Print(listing);
        return true;
    }

    private static async Task<bool> ShowTlsAsync(AdminClient server, CommandContext context, string path, CancellationToken cancel)
    {
        if (await server.RequestAsync<TlsReportDocument>(HttpMethod.Get, path, cancel) is not { } shown) return false;
        if (context.WantsJson)
        {
            context.WriteJson(JsonSerializer.Serialize(shown, AdminJson.Default.TlsReportDocument));
            return true;
        }

        Introduce(context, shown.Report, "session");
        var listing = new Listing("domain", "policy", "result", "count", "mx_host", "receiving_ip", "sending_ip", "information");
        foreach (var policy in shown.Policies)
        {
            listing.Add(policy.Domain, policy.Type, "successful", policy.Successful, "", "", "", "");
            foreach (var failure in policy.Failures)
                listing.Add(policy.Domain, policy.Type, failure.Type, failure.Count, failure.MxHost, failure.ReceivingIp, failure.SendingIp, failure.Information);
        }

        context.Print(listing);
        return true;
    }

    private static void Introduce(CommandContext context, ReceivedReportDocument report, string counted)
    {
        context.WriteLine($"report {report.ReportId} from {report.Organization} about {report.Domain}, sent by <{report.Sender}>");
        context.WriteLine($"from {UtcText.Of(report.Begin)} to {UtcText.Of(report.End)}: {Quantity.Of(report.Messages, counted)}, {report.Failures} failed");
    }

    private static string DayOf(CommandContext context, string text)
    {
        var today = DateOnly.FromDateTime(context.Shell.Time.GetUtcNow().UtcDateTime);
        if (text == "today") return Written(today);
        if (text == "yesterday") return Written(today.AddDays(-1));
        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? Written(day)
            : throw new CommandFailure($"'{text}' is not a valid day (YYYY-MM-DD, today, yesterday)", ExitCodes.Usage);
    }

    private static string Written(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <param name="Path">Its part of the URL path.</param>
    /// <param name="Command">The command as typed.</param>
    /// <param name="Counted">What its reports count: messages or sessions.</param>
    private sealed record ReportCommandKind(string Path, string Command, string Counted);
}

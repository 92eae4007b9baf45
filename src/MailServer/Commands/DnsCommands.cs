using System.CommandLine;
using System.Net;
using MailServer.Common;
using MailServer.Diagnostics;
using MailServer.Domain.Accounts;
using MailServer.Domain.Dns;
using MailServer.Domain.TransportSecurity;
using MailServer.Network.Dns;

namespace MailServer.Commands;

/// <summary><c>dns records|check DOMAIN</c>.</summary>
internal static class DnsCommands
{
    private static readonly Argument<string> Domain = new("DOMAIN") { Description = "A domain; it need not be added yet." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group("dns", "Print a domain's DNS records, or compare them with DNS.", Records(factory), Check(factory));

    private static Command Records(CommandFactory factory)
    {
        const string Zone = "zone";
        const string Table = "table";
        const string JsonFormat = "json";
        var format = new Option<string>("--format") { Description = "The output format: zone (for a zone file), table or json.", HelpName = "F", DefaultValueFactory = static _ => Zone };
        format.AcceptOnlyFromAmong(Zone, Table, JsonFormat);
        var addresses = AddressOption();
        return factory.Action(
            "records", "Print the DNS records that a domain needs.",
            ["dns records example.org", "dns records example.org --format table", "dns records example.org --address 192.0.2.1 --json"], [Domain, format, addresses, factory.Json], async (context, cancel) =>
            {
                var domain = CommandContext.Domain(context.Get(Domain));
                var records = DomainRecords.RecordsOf(context.Options, domain, await MtaStsOfAsync(context, domain, cancel), Given(context, addresses));
                if (context.WantsJson || context.Get(format) != Zone) Listed(records).Write(context.Shell, context.WantsJson || context.Get(format) == JsonFormat);
                else WriteZone(context, domain, records);
                return ExitCodes.Success;
            });
    }

    /// <summary>Prints the records of a domain as lines of a zone file, grouped by how much they are needed. Those of another zone follow as comments.</summary>
    public static void WriteZone(CommandContext context, string domain, IReadOnlyList<ZoneRecord> records)
    {
        foreach (var group in records.Where(r => DomainDnsRecords.IsInZone(r, domain)).GroupBy(static r => r.Need)) Write(context, group);
        var elsewhere = records.Where(r => !DomainDnsRecords.IsInZone(r, domain)).ToArray();
        if (elsewhere.Length == 0) return;
        context.WriteLine("; in another zone, once for all domains:");
        foreach (var record in elsewhere) context.WriteLine($"; {record.ZoneLine} ; {record.Purpose}");
    }

    private static void Write(CommandContext context, IGrouping<RequirementLevel, ZoneRecord> records)
    {
        context.WriteLine($"; {VerificationContext.Name(records.Key)}");
        foreach (var record in records) context.WriteLine($"{record.ZoneLine} ; {record.Purpose}");
    }

    private static Listing Listed(IReadOnlyList<ZoneRecord> records)
    {
        var listing = new Listing("name", "type", "value", "need", "purpose");
        foreach (var record in records) listing.Add(record.Name, record.Type, record.Value, VerificationContext.Name(record.Need), record.Purpose);
        return listing;
    }

    private static Command Check(CommandFactory factory)
    {
        var addresses = AddressOption();
        return factory.Action(
            "check", "Compare the published records of a domain with those it needs. The exit code is 1 if a required record is missing or wrong.",
            ["dns check example.org", "dns check example.org --json"], [Domain, addresses, factory.Json], async (context, cancel) =>
            {
                var domain = CommandContext.Domain(context.Get(Domain));
                var options = context.Options;
                var lookup = new RecordLookup(options.Dns.Servers);
                if (!lookup.HasServers) throw new CommandFailure(RecordLookup.NoServer);
                var check = new ZoneCheck(lookup, VerificationContext.OpenResolver(context), options.Server.Hostname, context.Shell.Time);
                var found = await check.CheckAsync(DomainRecords.RecordsOf(context.Options, domain, await MtaStsOfAsync(context, domain, cancel), Given(context, addresses)), cancel);
                var listing = new Listing("name", "type", "need", "verdict", "expected", "found");
                foreach (var record in found)
                    listing.Add(record.Expected.Name, record.Expected.Type, VerificationContext.Name(record.Expected.Need), record.Verdict, record.Expected.Value, record.Found.ToArray());
                context.Print(listing);
                return found.Any(static r => r.IsProblem) ? ExitCodes.Failed : ExitCodes.Success;
            });
    }

    /// <summary>The mode of a domain's own MTA-STS policy; null if it has none, or if there is no directory yet.</summary>
    private static async Task<MtaStsMode?> MtaStsOfAsync(CommandContext context, string domain, CancellationToken cancel)
    {
        try
        {
            using var directory = context.OpenDirectory();
            return (await directory.FindDomainAsync(domain, cancel))?.MtaSts;
        }
        catch (DirectoryException e) when (e.Refusal == DirectoryRefusal.DatabaseMissing)
        {
            return null;
        }
    }

    private static Option<string[]> AddressOption() => new("--address") { Description = "The public address of this server, if none of its interfaces has it.", HelpName = "IP" };

    private static IPAddress[]? Given(CommandContext context, Option<string[]> addresses) =>
        context.Get(addresses) is { Length: > 0 } given ? [.. given.Select(VerificationContext.Address)] : null;
}

using System.CommandLine;
using System.Globalization;
using MailServer.Common;
using MailServer.Domain.Dns;
using MailServer.Hosting;
using MailServer.Network.Dns;
using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Commands;

/// <summary>
/// <c>dkim rotate|list|activate|retire</c>: creates new keys under new selectors and switches signing to them once their records are published. The
/// records of the old keys stay in DNS until the last mail signed with them has been delivered.
/// </summary>
internal static class DkimRotationCommands
{
    private const string Both = "both";
    private const string Rsa = "rsa";
    private const string Ed25519 = "ed25519";

    private static readonly Argument<string> Domain = new("DOMAIN") { Description = "The domain." };

    public static Command[] Create(CommandFactory factory) => [Rotate(factory), List(factory), Activate(factory), Retire(factory)];

    private static Command Rotate(CommandFactory factory)
    {
        var type = new Option<string>("--type") { Description = "The algorithms.", HelpName = "both|rsa|ed25519", DefaultValueFactory = static _ => Both };
        type.AcceptOnlyFromAmong(Both, Rsa, Ed25519);
        return factory.Action(
            "rotate", "Create the next keys of a domain and print the records to publish. They sign only after 'dkim activate'.",
            ["dkim rotate example.org", "dkim rotate example.org --type rsa"], [Domain, type], (context, _) =>
            {
                var domain = CommandContext.Domain(context.Get(Domain));
                var store = new DkimKeyStore(context.Options);
                var known = store.List(domain);
                if (known.FirstOrDefault(static k => k.State == DkimKeyState.Next) is { } waiting)
                    throw new CommandFailure($"'{waiting.Selector}' of {domain} is not active yet: run 'mailserver dkim activate {domain}', or discard it with 'dkim retire'");
                var stem = Stem(known, context.Shell.Time);
                context.WriteLine("publish these records:");
                foreach (var made in Make(domain, stem, context.Get(type)!))
                {
                    using var key = made;
                    store.Add(key);
                    context.WriteLine(key.DnsRecord.ZoneLine);
                }

                context.WriteLine($"then run 'mailserver dkim activate {domain} --when-published'");
                return Task.FromResult(ExitCodes.Success);
            });
    }

    private static Command List(CommandFactory factory)
    {
        var check = new Option<bool>("--check") { Description = "Check in DNS whether the records are published." };
        return factory.Action(
            "list", "List the keys of a domain: active (signing), next and retired.",
            ["dkim list example.org", "dkim list example.org --check --json"], [Domain, check, factory.Json], async (context, cancel) =>
            {
                var domain = CommandContext.Domain(context.Get(Domain));
                var dns = VerificationContext.OpenResolver(context);
                var listing = context.Get(check) ? new Listing("selector", "algorithm", "state", "file", "published") : new Listing("selector", "algorithm", "state", "file");
                foreach (var file in new DkimKeyStore(context.Options).List(domain))
                {
                    using var key = file.Read();
                    var state = VerificationContext.Name(file.State);
                    if (context.Get(check)) listing.Add(file.Selector, key.Algorithm, state, file.File, await FindAsync(dns, key, cancel) ?? "yes");
                    else listing.Add(file.Selector, key.Algorithm, state, file.File);
                }

                return context.Print(listing);
            });
    }

    private static Command Activate(CommandFactory factory)
    {
        var published = new Option<bool>("--when-published") { Description = "Only if their records are already published in DNS." };
        var keep = new Option<bool>("--keep-old") { Description = "Keep signing with the current keys as well." };
        return factory.Action(
            "activate", "Switch signing to a domain's next keys. The running server uses them within seconds.",
            ["dkim activate example.org --when-published", "dkim activate example.org --keep-old"], [Domain, published, keep], async (context, cancel) =>
            {
                var domain = CommandContext.Domain(context.Get(Domain));
                var known = new DkimKeyStore(context.Options).List(domain);
                var next = known.Where(static k => k.State == DkimKeyState.Next).ToArray();
                if (next.Length == 0) throw new CommandFailure($"{domain} has no next key; create one with 'mailserver dkim rotate {domain}'");
                if (context.Get(published)) await RequirePublishedAsync(context, next, cancel);
                foreach (var key in next) DkimKeyStore.Activate(key);
                context.WriteLine($"mail from {domain} is now signed with {string.Join(", ", next.Select(static k => k.Selector))}");
                if (context.Get(keep)) return ExitCodes.Success;
                foreach (var old in known.Where(static k => k.State == DkimKeyState.Active))
                {
                    DkimKeyStore.Retire(old);
                    context.WriteLine($"retired {old.Selector}; leave {old.Selector}._domainkey.{domain} in DNS for a week, for mail still in transit");
                }

                return ExitCodes.Success;
            });
    }

    private static Command Retire(CommandFactory factory)
    {
        var selector = new Option<string>("--selector") { Description = "The key's selector.", HelpName = "S", Required = true };
        var force = new Option<bool>("--force") { Description = "Retire the key even if mail is then no longer signed." };
        return factory.Action(
            "retire", "Stop signing with a key, or discard a next key. The file is kept.",
            ["dkim retire example.org --selector mail"], [Domain, selector, force], (context, _) =>
            {
                var domain = CommandContext.Domain(context.Get(Domain));
                var known = new DkimKeyStore(context.Options).List(domain);
                var key = known.FirstOrDefault(k => k.State != DkimKeyState.Retired && k.Selector == context.Get(selector))
                    ?? throw new CommandFailure($"{domain} has no active or next key '{context.Get(selector)}'; see 'mailserver dkim list {domain}'");
                if (key.State == DkimKeyState.Active && known.Count(static k => k.State == DkimKeyState.Active) == 1 && !context.Get(force))
                    throw new CommandFailure($"'{key.Selector}' is the only key that signs for {domain}; use --force to retire it anyway");
                DkimKeyStore.Retire(key);
                context.WriteLine($"retired {key.Selector}");
                return Task.FromResult(ExitCodes.Success);
            });
    }

    /// <summary>Selectors begin with the date, so that their age is visible in DNS.</summary>
    private static string Stem(IReadOnlyList<DkimKeyFile> known, TimeProvider time)
    {
        var day = time.GetUtcNow().ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var stem = day;
        for (var i = 2; known.Any(k => k.Selector.StartsWith(stem + "-", StringComparison.Ordinal)); i++) stem = string.Create(CultureInfo.InvariantCulture, $"{day}x{i}");
        return stem;
    }

    private static IEnumerable<DkimKey> Make(string domain, string stem, string type)
    {
        if (type != Ed25519) yield return DkimKey.GenerateRsa(domain, $"{stem}-{Rsa}");
        if (type != Rsa) yield return DkimKey.GenerateEd25519(domain, $"{stem}-{Ed25519}");
    }

    private static async Task RequirePublishedAsync(CommandContext context, DkimKeyFile[] keys, CancellationToken cancel)
    {
        var dns = VerificationContext.OpenResolver(context);
        foreach (var file in keys)
        {
            using var key = file.Read();
            if (await FindAsync(dns, key, cancel) is { } missing) throw new CommandFailure($"{key.DnsRecord.Name}: {missing}; nothing was changed");
        }
    }

    /// <summary>Null when exactly this key is published; otherwise a description of the problem.</summary>
    private static async Task<string?> FindAsync(Resolver dns, DkimKey key, CancellationToken cancel) =>
        await dns.LookupTxtAsync(key.DnsRecord.Name, cancel) switch
        {
            DnsAnswer<string>.RecordsFound found => found.Values.Any(v => KeyOf(v) == KeyOf(key.DnsRecord.Value)) ? null : "a different key is published",
            DnsAnswer<string>.TemporaryFailure failure => $"unknown ({failure.Reason})",
            _ => "not published",
        };

    private static string? KeyOf(string record) => record.Split(';', StringSplitOptions.TrimEntries)
        .Where(static t => t.StartsWith("p=", StringComparison.Ordinal)).Select(static t => t.Replace(" ", "", StringComparison.Ordinal)).FirstOrDefault();
}

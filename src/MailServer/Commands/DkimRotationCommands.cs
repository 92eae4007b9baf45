using System.CommandLine;
using System.Globalization;
using MailServer.Common;
using MailServer.Domain.Dns;
using MailServer.Hosting;
using MailServer.Network.Dns;
using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Commands;

/// <summary>
/// <c>dkim rotate|list|activate|retire</c>: new keys under new selectors, which sign once their records are published, while the records of the old
/// ones stay until their last mail has arrived.
/// </summary>
internal static class DkimRotationCommands
{
    private const string Both = "both";
    private const string Rsa = "rsa";
    private const string Ed25519 = "ed25519";

    private static readonly Argument<string> s_domain = new("DOMAIN") { Description = "The domain." };

    public static Command[] Create(CommandFactory factory) => [Rotate(factory), List(factory), Activate(factory), Retire(factory)];

    private static Command Rotate(CommandFactory factory)
    {
        var type = new Option<string>("--type") { Description = "The algorithms.", HelpName = "both|rsa|ed25519", DefaultValueFactory = static _ => Both };
        type.AcceptOnlyFromAmong(Both, Rsa, Ed25519);
        return factory.Action(
            "rotate", "Makes the next keys of a domain and prints the records to publish. They do not sign before 'dkim activate'.",
            ["dkim rotate example.org", "dkim rotate example.org --type rsa"], [s_domain, type], (context, _) =>
            {
                var domain = CommandContext.Domain(context.Get(s_domain));
                var store = new DkimKeyStore(context.Options);
                var known = store.List(domain);
                if (known.FirstOrDefault(static k => k.State == DkimKeyState.Next) is { } waiting)
                    throw new CommandFailure($"'{waiting.Selector}' of {domain} still waits for 'mailserver dkim activate {domain}'; or drop it with 'dkim retire'");
                var stem = Stem(known, context.Shell.Time);
                context.Say("publish these records:");
                foreach (var made in Make(domain, stem, context.Get(type)!))
                {
                    using var key = made;
                    store.Add(key);
                    context.Say(key.DnsRecord.ZoneLine);
                }

                context.Say($"then run 'mailserver dkim activate {domain} --when-published'");
                return Task.FromResult(ExitCodes.Done);
            });
    }

    private static Command List(CommandFactory factory)
    {
        var check = new Option<bool>("--check") { Description = "Ask DNS whether the records are published." };
        return factory.Action(
            "list", "Lists the keys of a domain: those that sign (active), those to come (next), those that did (retired).",
            ["dkim list example.org", "dkim list example.org --check --json"], [s_domain, check, factory.Json], async (context, cancel) =>
            {
                var domain = CommandContext.Domain(context.Get(s_domain));
                var dns = TrustContext.OpenResolver(context);
                var listing = context.Get(check) ? new Listing("selector", "algorithm", "state", "file", "published") : new Listing("selector", "algorithm", "state", "file");
                foreach (var file in new DkimKeyStore(context.Options).List(domain))
                {
                    using var key = file.Read();
                    var state = TrustContext.Name(file.State);
                    if (context.Get(check)) listing.Add(file.Selector, key.Algorithm, state, file.File, await FindAsync(dns, key, cancel) ?? "yes");
                    else listing.Add(file.Selector, key.Algorithm, state, file.File);
                }

                return context.Print(listing);
            });
    }

    private static Command Activate(CommandFactory factory)
    {
        var published = new Option<bool>("--when-published") { Description = "Only if DNS has their records already." };
        var keep = new Option<bool>("--keep-old") { Description = "Let the present keys sign as well." };
        return factory.Action(
            "activate", "Lets the next keys of a domain sign instead of the present ones. The running server follows within seconds.",
            ["dkim activate example.org --when-published", "dkim activate example.org --keep-old"], [s_domain, published, keep], async (context, cancel) =>
            {
                var domain = CommandContext.Domain(context.Get(s_domain));
                var known = new DkimKeyStore(context.Options).List(domain);
                var next = known.Where(static k => k.State == DkimKeyState.Next).ToArray();
                if (next.Length == 0) throw new CommandFailure($"no key of {domain} waits; make the next with 'mailserver dkim rotate {domain}'");
                if (context.Get(published)) await RequirePublishedAsync(context, next, cancel);
                foreach (var key in next) DkimKeyStore.Activate(key);
                context.Say($"mail of {domain} is signed with {string.Join(", ", next.Select(static k => k.Selector))}");
                if (context.Get(keep)) return ExitCodes.Done;
                foreach (var old in known.Where(static k => k.State == DkimKeyState.Active))
                {
                    DkimKeyStore.Retire(old);
                    context.Say($"retired {old.Selector}; leave {old.Selector}._domainkey.{domain} in DNS for a week, for mail that is on its way");
                }

                return ExitCodes.Done;
            });
    }

    private static Command Retire(CommandFactory factory)
    {
        var selector = new Option<string>("--selector") { Description = "The key's selector.", HelpName = "S", Required = true };
        var force = new Option<bool>("--force") { Description = "Even if mail is not signed any more then." };
        return factory.Action(
            "retire", "Stops a key from signing, or drops one that was to come. Its file is kept.",
            ["dkim retire example.org --selector mail"], [s_domain, selector, force], (context, _) =>
            {
                var domain = CommandContext.Domain(context.Get(s_domain));
                var known = new DkimKeyStore(context.Options).List(domain);
                var key = known.FirstOrDefault(k => k.State != DkimKeyState.Retired && k.Selector == context.Get(selector))
                    ?? throw new CommandFailure($"no key '{context.Get(selector)}' of {domain} is in use; see 'mailserver dkim list {domain}'");
                if (key.State == DkimKeyState.Active && known.Count(static k => k.State == DkimKeyState.Active) == 1 && !context.Get(force))
                    throw new CommandFailure($"'{key.Selector}' is the only key that signs for {domain}; --force retires it all the same");
                DkimKeyStore.Retire(key);
                context.Say($"retired {key.Selector}");
                return Task.FromResult(ExitCodes.Done);
            });
    }

    /// <summary>Selectors are named by the day, so that the records in DNS tell their age.</summary>
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
        var dns = TrustContext.OpenResolver(context);
        foreach (var file in keys)
        {
            using var key = file.Read();
            if (await FindAsync(dns, key, cancel) is { } missing) throw new CommandFailure($"{key.DnsRecord.Name}: {missing}; nothing was changed");
        }
    }

    /// <summary>Null when DNS has exactly this key; otherwise what is wrong.</summary>
    private static async Task<string?> FindAsync(Resolver dns, DkimKey key, CancellationToken cancel) =>
        await dns.TextsAsync(key.DnsRecord.Name, cancel) switch
        {
            DnsAnswer<string>.Found found => found.Values.Any(v => KeyOf(v) == KeyOf(key.DnsRecord.Value)) ? null : "another key is published",
            DnsAnswer<string>.TemporaryFailure failure => $"cannot be told ({failure.Reason})",
            _ => "not published",
        };

    private static string? KeyOf(string record) => record.Split(';', StringSplitOptions.TrimEntries)
        .Where(static t => t.StartsWith("p=", StringComparison.Ordinal)).Select(static t => t.Replace(" ", "", StringComparison.Ordinal)).FirstOrDefault();
}

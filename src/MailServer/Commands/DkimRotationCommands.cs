using System.CommandLine;
using MailServer.Common;
using MailServer.Hosting;

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

    /// <summary>The operations on keys, recorded in the audit log.</summary>
    public static DkimRotation Open(CommandContext context) =>
        new(context.Options, () => VerificationContext.OpenResolver(context), context.Shell.Time, (kind, domain, detail) =>
        {
            // Before the first start there is no audit log.
            if (File.Exists(context.Options.Storage.AccessPath)) context.Note(kind, domain, detail);
        });

    private static Command Rotate(CommandFactory factory)
    {
        var type = new Option<string>("--type") { Description = "The algorithms.", HelpName = "both|rsa|ed25519", DefaultValueFactory = static _ => Both };
        type.AcceptOnlyFromAmong(Both, Rsa, Ed25519);
        return factory.Action(
            "rotate", "Create the next keys of a domain and print the records to publish. They sign only after 'dkim activate'.",
            ["dkim rotate example.org", "dkim rotate example.org --type rsa"], [Domain, type], (context, _) =>
            {
                var domain = CommandContext.Domain(context.Get(Domain));
                var records = Open(context).Rotate(domain, context.Get(type) switch { Rsa => DkimAlgorithms.Rsa, Ed25519 => DkimAlgorithms.Ed25519, _ => DkimAlgorithms.Both });
                context.WriteLine("publish these records:");
                foreach (var record in records) context.WriteLine(record.ZoneLine);
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
                var keys = Open(context);
                var listing = context.Get(check) ? new Listing("selector", "algorithm", "state", "file", "published") : new Listing("selector", "algorithm", "state", "file");
                foreach (var file in keys.List(domain))
                {
                    using var key = file.Read();
                    var state = VerificationContext.Name(file.State);
                    if (context.Get(check)) listing.Add(file.Selector, key.Algorithm, state, file.File, await keys.FindProblemAsync(key, cancel) ?? "yes");
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
                var (active, retired) = await Open(context).ActivateAsync(domain, context.Get(published), context.Get(keep), cancel);
                context.WriteLine($"mail from {domain} is now signed with {string.Join(", ", active.Select(static k => k.Selector))}");
                foreach (var old in retired) context.WriteLine($"retired {old.Selector}; leave {old.Selector}._domainkey.{domain} in DNS for a week, for mail still in transit");
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
                Open(context).Retire(CommandContext.Domain(context.Get(Domain)), context.Get(selector)!, context.Get(force));
                context.WriteLine($"retired {context.Get(selector)}");
                return Task.FromResult(ExitCodes.Success);
            });
    }
}

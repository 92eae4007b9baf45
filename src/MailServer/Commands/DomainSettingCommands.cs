using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.TransportSecurity;

namespace MailServer.Commands;

/// <summary><c>domain show|alias-of|catch-all|mta-sts|comment|disable|enable</c>: the settings of one domain.</summary>
internal static class DomainSettingCommands
{
    private const string None = "none";
    private const string Default = "default";

    public static Command Show(CommandFactory factory, Argument<string> name) => factory.Action(
        "show", "Show a domain with all its settings.", ["domain show example.org", "domain show example.org --json"], [name, factory.Json], async (context, cancel) =>
        {
            using var directory = context.OpenDirectory();
            var domain = await directory.Administration.RequireDomainAsync(CommandContext.Domain(context.Get(name)), cancel);
            (string Name, object Value)[] facts =
            [
                ("domain", domain.Name), ("enabled", domain.Enabled), ("users", domain.Accounts), ("aliases", domain.Aliases), ("lists", domain.Lists), ("alias_of", domain.AliasOf ?? ""), ("created", domain.CreatedAt), ("quota", QuotaCommands.Text(domain.Quota)),
                ("catch_all", TargetsOf(domain)), ("catch_all_enabled", domain.CatchAll?.Enabled ?? false), ("mta_sts", Text(context, domain.MtaSts)), ("comment", domain.Comment),
            ];
            if (context.WantsJson)
            {
                var row = new Listing([.. facts.Select(static f => f.Name)]);
                row.Add([.. facts.Select(static f => f.Value)]);
                return context.Print(row);
            }

            var lines = new Listing("what", "value") { HasDomains = true };
            foreach (var (what, value) in facts.Where(f => f.Name != "catch_all_enabled" || domain.CatchAll is { Enabled: false })) lines.Add(what.Replace('_', ' '), value);
            return context.Print(lines);
        });

    public static Command AliasOf(CommandFactory factory, Argument<string> name)
    {
        var other = new Argument<string?>("OTHER") { Description = "The domain that gets the mail, or 'none'. Without it, show it.", Arity = ArgumentArity.ZeroOrOne };
        return factory.Action(
            "alias-of", "Make a domain an alias of another: mail for each of its addresses goes to the same name there.",
            ["domain alias-of example.net example.org", "domain alias-of example.net none", "domain alias-of example.net"], [name, other, factory.Json], async (context, cancel) =>
            {
                var domain = CommandContext.Domain(context.Get(name));
                using var directory = context.OpenDirectory();
                if (context.GetOptional(other) is not { } text)
                {
                    var listing = new Listing("domain", "alias_of") { HasDomains = true };
                    listing.Add(domain, (await directory.Administration.RequireDomainAsync(domain, cancel)).AliasOf ?? "");
                    return context.Print(listing);
                }

                var target = text == None ? null : CommandContext.Domain(text);
                var isChanged = await directory.Administration.SetDomainAliasOfAsync(domain, target, cancel);
                context.WriteLine((isChanged, target) switch
                {
                    (false, null) => $"nothing changed: {domain} is no alias",
                    (false, _) => $"nothing changed: {domain} is an alias of {target} already",
                    (true, null) => $"{domain} is no longer an alias; it has no addresses now",
                    (true, _) => $"mail for every address of {domain} goes to the same name of {target}",
                });
                return ExitCodes.Success;
            });
    }

    public static Command CatchAll(CommandFactory factory, Argument<string> name)
    {
        var targets = new Argument<string[]>("TARGET") { Description = "The addresses that get the mail, or 'none'. Without them, show the catch-all.", Arity = ArgumentArity.ZeroOrMore };
        return factory.Action(
            "catch-all", "Set or show who gets mail for addresses of a domain that do not exist. It replaces an earlier catch-all.",
            ["domain catch-all example.org ann@example.org", "domain catch-all example.org none", "domain catch-all example.org"], [name, targets, factory.Json], async (context, cancel) =>
            {
                var domain = CommandContext.Domain(context.Get(name));
                using var directory = context.OpenDirectory();
                if (context.GetOptional(targets) is not { Length: > 0 } given)
                {
                    var listing = new Listing("domain", "targets", "enabled") { HasDomains = true };
                    var entry = await directory.Administration.RequireDomainAsync(domain, cancel);
                    listing.Add(domain, TargetsOf(entry), entry.CatchAll?.Enabled ?? false);
                    return context.Print(listing);
                }

                var addresses = given is [None] ? [] : given.Select(CommandContext.Address).ToArray();
                var isChanged = await directory.Administration.SetCatchAllAsync(domain, addresses, cancel);
                context.WriteLine(!isChanged ? $"nothing changed: {domain} has this catch-all already"
                    : addresses.Length == 0 ? $"removed the catch-all of {domain}"
                    : $"mail for addresses of {domain} that do not exist goes to {string.Join<EmailAddress>(", ", addresses)}");
                foreach (var address in addresses)
                {
                    if (await directory.ResolveAsync(address, cancel) is RecipientResolution.Unknown) context.Shell.WriteError($"warning: '{address}' does not exist yet");
                }

                return ExitCodes.Success;
            });
    }

    public static Command MtaSts(CommandFactory factory, Argument<string> name)
    {
        var mode = new Argument<string?>("MODE") { Description = "Mode of the MTA-STS policy: enforce, testing, none, or 'default' for tls.mta_sts. Without it, show the mode.", Arity = ArgumentArity.ZeroOrOne };
        return factory.Action(
            "mta-sts", "Set or show the MTA-STS mode of a domain: what servers do that cannot send to it with TLS.",
            ["domain mta-sts example.org enforce", "domain mta-sts example.org default", "domain mta-sts example.org"], [name, mode, factory.Json], async (context, cancel) =>
            {
                var domain = CommandContext.Domain(context.Get(name));
                using var directory = context.OpenDirectory();
                if (context.GetOptional(mode) is not { } text)
                {
                    var listing = new Listing("domain", "mode", "from") { HasDomains = true };
                    var entry = await directory.Administration.RequireDomainAsync(domain, cancel);
                    listing.Add(domain, MtaStsPolicy.NameOf(entry.MtaSts ?? context.Options.Tls.MtaSts), entry.MtaSts is null ? "tls.mta_sts" : "domain");
                    return context.Print(listing);
                }

                MtaStsMode? chosen = MtaStsPolicy.TryParseMode(text, out var own) ? own
                    : text == Default ? null
                    : throw new CommandFailure($"'{text}' is not a mode (enforce, testing, none, default)", ExitCodes.Usage);
                var isChanged = await directory.Administration.SetDomainMtaStsAsync(domain, chosen, cancel);
                context.WriteLine(isChanged
                    ? $"set the MTA-STS mode of {domain} to {Text(context, chosen)}; publish the changed record _mta-sts.{domain} ('mailserver dns records {domain}')"
                    : $"nothing changed: {domain} has this MTA-STS mode already");
                return ExitCodes.Success;
            });
    }

    public static Command Comment(CommandFactory factory, Argument<string> name)
    {
        var text = factory.AllowEmptyValue(new Argument<string>("TEXT") { Description = "The comment; '' removes it." });
        return factory.Action(
            "comment", "Write a comment about a domain, for administrators.", ["domain comment example.org 'the choir'", "domain comment example.org ''"], [name, text], async (context, cancel) =>
            {
                var (domain, comment) = (CommandContext.Domain(context.Get(name)), context.Get(text).Trim());
                if (!AliasEntry.IsComment(comment)) throw new CommandFailure($"a comment is one line of at most {AliasEntry.LongestComment} characters", ExitCodes.Usage);
                using var directory = context.OpenDirectory();
                context.WriteLine(!await directory.Administration.SetDomainCommentAsync(domain, comment, cancel) ? $"nothing changed: {domain} has this comment already"
                    : comment.Length == 0 ? $"removed the comment of {domain}"
                    : $"saved the comment of {domain}");
                return ExitCodes.Success;
            });
    }

    public static Command Switch(CommandFactory factory, Argument<string> name, bool enable)
    {
        var (verb, description) = enable
            ? ("enable", "End the disabling of a domain: it receives mail again, and its users can sign in.")
            : ("disable", "Refuse mail for a domain (550) and sign-ins of its users. Everything is kept.");
        return factory.Action(verb, description, [$"domain {verb} example.org"], [name], async (context, cancel) =>
        {
            var domain = CommandContext.Domain(context.Get(name));
            using var directory = context.OpenDirectory();
            context.WriteLine(await directory.Administration.SetDomainEnabledAsync(domain, enable, cancel) ? $"{verb}d {domain}" : $"nothing changed: {domain} is {verb}d already");
            return ExitCodes.Success;
        });
    }

    private static string[] TargetsOf(DomainEntry domain) => [.. domain.CatchAll?.Targets.Select(static t => t.ToString()) ?? []];

    private static string Text(CommandContext context, MtaStsMode? mode) => mode is { } own ? MtaStsPolicy.NameOf(own) : $"{MtaStsPolicy.NameOf(context.Options.Tls.MtaSts)} (tls.mta_sts)";
}

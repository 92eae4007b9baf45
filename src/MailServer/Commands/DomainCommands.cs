using System.CommandLine;
using MailServer.Common;
using MailServer.Diagnostics;

namespace MailServer.Commands;

/// <summary><c>domain add|list|show|quota|alias-of|catch-all|mta-sts|comment|disable|enable|remove</c>.</summary>
internal static class DomainCommands
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The domain, such as example.org." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "domain", "Manage the domains that this server receives mail for.", Add(factory), List(factory), DomainSettingCommands.Show(factory, Name), QuotaCommands.OfDomain(factory, Name),
        DomainSettingCommands.AliasOf(factory, Name), DomainSettingCommands.CatchAll(factory, Name), DomainSettingCommands.MtaSts(factory, Name), DomainSettingCommands.Comment(factory, Name), DomainSettingCommands.Switch(factory, Name, enable: false),
        DomainSettingCommands.Switch(factory, Name, enable: true), Remove(factory));

    private static Command Add(CommandFactory factory) => factory.Action(
        "add", "Add a domain, create its signing key and print the DNS records to publish.", ["domain add example.org"], [Name], static async (context, cancel) =>
        {
            var domain = CommandContext.Domain(context.Get(Name));
            using var directory = context.OpenDirectory();
            await directory.Administration.AddDomainAsync(domain, cancel);
            context.WriteLine($"added {domain}");
            DkimRotationCommands.Open(context).CreateFirst(domain);
            context.WriteLine("publish these DNS records:");
            DnsCommands.WriteZone(context, domain, DomainRecords.RecordsOf(context.Options, domain, mode: null));
            return ExitCodes.Success;
        });

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "List the domains.", ["domain list", "domain list --json"], [factory.Json], static async (context, cancel) =>
        {
            using var directory = context.OpenDirectory();
            var listing = new Listing("domain", "users", "aliases", "created", "quota", "enabled", "comment", "lists", "alias_of") { HasDomains = true };
            foreach (var domain in await directory.Administration.ListDomainsAsync(cancel)) listing.Add(domain.Name, domain.Accounts, domain.Aliases, domain.CreatedAt, QuotaCommands.Text(domain.Quota), domain.Enabled, domain.Comment, domain.Lists, domain.AliasOf ?? "");
            return context.Print(listing);
        });

    private static Command Remove(CommandFactory factory)
    {
        var force = new Option<bool>("--force") { Description = "Also remove the users of the domain." };
        var purge = new Option<bool>("--purge") { Description = "Also delete their mail." };
        return factory.Action(
            "remove", "Remove a domain and its aliases. The server no longer receives mail for it.", ["domain remove example.org"], [Name, force, purge], async (context, cancel) =>
            {
                var domain = CommandContext.Domain(context.Get(Name));
                using var directory = context.OpenDirectory();
                var accounts = await directory.Administration.RemoveDomainAsync(domain, context.Get(force), cancel);
                context.WriteLine($"removed {domain}");
                context.PurgeOrKeepMail(accounts, context.Get(purge));
                return ExitCodes.Success;
            });
    }
}

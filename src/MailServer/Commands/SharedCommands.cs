using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Mailboxes;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>shared add|list|remove|grant|revoke|rights</c>: shared mailboxes, and who may use whose mail folders.</summary>
internal static class SharedCommands
{
    private static readonly Argument<string> Address = new("ADDRESS") { Description = "The address of the shared mailbox." };
    private static readonly Argument<string> Owner = new("OWNER") { Description = "The address of the shared mailbox, or of the user whose folder it is." };
    private static readonly Argument<string> Folder = new("FOLDER") { Description = "The folder, such as INBOX or Projects/2026." };
    private static readonly Argument<string> Guest = new("WHO") { Description = "A user's address, or 'anyone' for all users of this server." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "shared", "Manage shared mailboxes, and who may use which mail folders.", Add(factory), List(factory), Remove(factory), Grant(factory), Revoke(factory), Rights(factory));

    private static Command Add(CommandFactory factory) => factory.Action(
        "add", "Add a shared mailbox. It has no password and no sign-in; users see the folders that 'shared grant' gives them below 'Shared Folders'.",
        ["shared add office@example.org"], [Address], async (context, cancel) =>
        {
            var address = CommandContext.Address(context.Get(Address));
            using var directory = context.OpenDirectory();
            await directory.Administration.AddSharedMailboxAsync(address, cancel);
            context.WriteLine($"added {address}; next: mailserver shared grant {address} INBOX USER lrswit");
            return ExitCodes.Success;
        });

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "List the shared mailboxes.", ["shared list", "shared list --json"], [factory.Json], async (context, cancel) =>
        {
            using var directory = context.OpenDirectory();
            var listing = new Listing("id", "address", "enabled", "created", "quota") { HasDomains = true };
            foreach (var account in (await directory.Administration.ListAccountsAsync(null, cancel)).Where(static a => a.IsShared))
                listing.Add(account.Id.Value, account.Address.ToString(), account.Enabled, account.CreatedAt, QuotaCommands.Text(account.Quota));
            return context.Print(listing);
        });

    private static Command Remove(CommandFactory factory)
    {
        var purge = new Option<bool>("--purge") { Description = "Also delete its mail." };
        return factory.Action(
            "remove", "Remove a shared mailbox, also from all aliases.", ["shared remove office@example.org", "shared remove office@example.org --purge"], [Address, purge], async (context, cancel) =>
            {
                var address = CommandContext.Address(context.Get(Address));
                using var directory = context.OpenDirectory();
                if (!(await directory.Administration.ListAccountsAsync(address.Domain, cancel)).Any(a => a.IsShared && a.Address.Equals(address)))
                    throw new CommandFailure($"no shared mailbox '{address}'; see 'mailserver shared list'");
                var account = await directory.Administration.RemoveAccountAsync(address, cancel);
                context.WriteLine($"removed {account.Address}");
                context.PurgeOrKeepMail([account], context.Get(purge));
                return ExitCodes.Success;
            });
    }

    private static Command Grant(CommandFactory factory)
    {
        var rights = new Argument<string>("RIGHTS")
        {
            Description = "Letters: l see, r read, s keep own read marks, w change flags, i add messages, t mark as deleted, e expunge, k create folders, x delete the folder, p post by address, a administer.",
        };
        return factory.Action(
            "grant", "Set a user's rights to a folder; they replace the rights that the user has there. Needs the running server.",
            ["shared grant office@example.org INBOX ann@example.org lrswit", "shared grant ben@example.org Projects anyone lr"], [Owner, Folder, Guest, rights], async (context, cancel) =>
            {
                var letters = context.Get(rights);
                if (!FolderRightsText.TryParse(letters, out var given) || given == FolderRights.None) throw new CommandFailure($"'{letters}' is not a list of rights: use letters of lrswipkxtea", ExitCodes.Usage);
                await SetAsync(context, FolderRightsText.Format(given, withObsolete: false), cancel);
                context.WriteLine($"{context.Get(Guest)} has {FolderRightsText.Format(given, withObsolete: false)} on {context.Get(Folder)} of {context.Get(Owner)}");
                return ExitCodes.Success;
            });
    }

    private static Command Revoke(CommandFactory factory) => factory.Action(
        "revoke", "Revoke all of a user's rights to a folder, effective at once. Needs the running server.", ["shared revoke office@example.org INBOX ann@example.org"], [Owner, Folder, Guest], async (context, cancel) =>
        {
            await SetAsync(context, "", cancel);
            context.WriteLine($"{context.Get(Guest)} has no rights on {context.Get(Folder)} of {context.Get(Owner)}");
            return ExitCodes.Success;
        });

    private static Command Rights(CommandFactory factory) => factory.Action(
        "rights", "Show who has which rights to the folders of a shared mailbox or a user. Needs the running server.",
        ["shared rights office@example.org", "shared rights ben@example.org --json"], [Owner, factory.Json], async (context, cancel) =>
        {
            var owner = CommandContext.Address(context.Get(Owner)).ToString();
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var found = await server.FindAsync<FolderGrantListDocument>($"sharing?account={Uri.EscapeDataString(owner)}", cancel) ?? throw Missing(owner);
            var listing = new Listing("folder", "who", "rights");
            foreach (var grant in found.Grants) listing.Add(grant.Folder, grant.Guest, grant.Rights);
            return context.Print(listing);
        });

    private static async Task SetAsync(CommandContext context, string rights, CancellationToken cancel)
    {
        var owner = CommandContext.Address(context.Get(Owner)).ToString();
        var guest = context.Get(Guest) is AccessRules.Anyone ? AccessRules.Anyone : CommandContext.Address(context.Get(Guest)).ToString();
        using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
        var path = $"sharing?account={Uri.EscapeDataString(owner)}&folder={Uri.EscapeDataString(context.Get(Folder))}&guest={Uri.EscapeDataString(guest)}&rights={rights}";
        if (!await server.ChangeAsync(HttpMethod.Put, path, cancel)) throw Missing(owner);
    }

    private static CommandFailure Missing(string owner) => new($"no user or shared mailbox '{owner}'; see 'mailserver user list'");
}

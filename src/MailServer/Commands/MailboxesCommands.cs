using System.CommandLine;
using MailServer.Common;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>mailboxes list|show</c>: the open mailboxes of the running server.</summary>
internal static class MailboxesCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("mailboxes", "Show the mailboxes that the running server has open.", List(factory), Show(factory));

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "List the open mailboxes with their watching sessions and waiting requests.", ["mailboxes list"], [factory.Json], async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var listing = new Listing("id", "account", "opened", "watchers", "inbox", "searches", "node");
            foreach (var m in (await server.GetAsync<MailboxListDocument>("mailboxes", cancel)).Mailboxes)
                listing.Add(m.Id, m.Account, m.OpenedAt, m.Watchers, m.Inbox, m.Searches, m.Node);
            return context.Print(listing);
        });

    private static Command Show(CommandFactory factory)
    {
        var account = new Argument<string>("ACCOUNT") { Description = "The user's address." };
        return factory.Action(
            "show", "Show a user's folders with their sizes and UIDs.", ["mailboxes show ann@example.org"], [account, factory.Json], async (context, cancel) =>
            {
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var address = CommandContext.Address(context.Get(account)).ToString();
                var found = await server.FindAsync<FolderListDocument>($"mailboxes/{Uri.EscapeDataString(address)}", cancel) ?? throw new CommandFailure($"no user '{address}'; see 'mailserver user list'");
                var listing = new Listing("folder", "messages", "unseen", "size", "uid_validity", "uid_next", "highest_modseq");
                foreach (var f in found.Folders) listing.Add(f.Name, f.Messages, f.Unseen, f.Size, (long)f.UidValidity, (long)f.UidNext, f.HighestModSeq);
                return context.Print(listing);
            });
    }
}

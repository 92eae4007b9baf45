using System.CommandLine;
using MailServer.Common;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>mailboxes list|show</c>: the mailboxes of the running server.</summary>
internal static class MailboxesCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("mailboxes", "The mailboxes of the running server.", List(factory), Show(factory));

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "Lists the mailboxes that are open: who watches them, and how much waits for them.", ["mailboxes list"], [factory.Json], async (context, cancel) =>
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
            "show", "Shows a user's folders with their sizes and UIDs.", ["mailboxes show ann@example.org"], [account, factory.Json], async (context, cancel) =>
            {
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var address = CommandContext.Address(context.Get(account)).ToString();
                var found = await server.FindAsync<FolderListDocument>($"mailboxes/{Uri.EscapeDataString(address)}", cancel) ?? throw new CommandFailure($"no account '{address}'; try 'mailserver user list'");
                var listing = new Listing("folder", "messages", "unseen", "size", "uid_validity", "uid_next", "highest_modseq");
                foreach (var f in found.Folders) listing.Add(f.Name, f.Messages, f.Unseen, f.Size, (long)f.UidValidity, (long)f.UidNext, f.HighestModSeq);
                return context.Print(listing);
            });
    }
}

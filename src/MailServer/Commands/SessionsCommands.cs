using System.CommandLine;
using System.Text.Json;
using MailServer.Common;
using MailServer.Domain.Formatting;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>sessions list|show|kick|tail|top</c>: the client connections of the running server.</summary>
internal static class SessionsCommands
{
    private static readonly Argument<string> Id = new("ID") { Description = "The session's id, as shown by 'mailserver sessions list' and in the log." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "sessions", "List, follow and end client connections.",
        List(factory), Show(factory), Kick(factory), Tail(factory), SessionsTopCommand.Create(factory), PageSessionCommands.Create(factory));

    public static Listing ToListing(IEnumerable<SessionDocument> sessions)
    {
        var listing = new Listing("id", "listener", "account", "address", "client", "tls", "state", "folder", "last_command", "last_command_at", "bytes_in", "bytes_out", "mailbox_inbox", "node", "mailbox_node");
        foreach (var s in sessions)
            listing.Add(s.Id, s.Listener, s.Account, s.Address, s.Client, s.Tls, s.State, s.Folder, s.LastCommand, HumanReadable.Time(s.LastCommandAt), s.BytesIn, s.BytesOut, s.MailboxInbox is { } depth ? depth : "", s.Node, s.MailboxNode);
        return listing;
    }

    private static Command List(CommandFactory factory)
    {
        var account = new Option<string>("--account") { Description = "Show only sessions of this user.", HelpName = "ADDRESS" };
        return factory.Action(
            "list", "List the open sessions, oldest first.", ["sessions list", "sessions list --account ann@example.org --json"], [account, factory.Json], async (context, cancel) =>
            {
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var path = context.Get(account) is { } only ? $"sessions?account={Uri.EscapeDataString(only)}" : "sessions";
                var found = await server.FindAsync<SessionListDocument>(path, cancel) ?? throw new CommandFailure($"no user '{context.Get(account)}'; see 'mailserver user list'");
                return context.Print(ToListing(found.Sessions));
            });
    }

    private static Command Show(CommandFactory factory) => factory.Action(
        "show", "Show one session.", ["sessions show 06a3k9x2p0q1"], [Id, factory.Json], async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var found = await server.FindAsync<SessionListDocument>($"sessions/{Uri.EscapeDataString(context.Get(Id))}", cancel) ?? throw NotOpen(context.Get(Id));
            var session = found.Sessions[0];
            if (context.WantsJson) return context.Print(ToListing([session]));
            var listing = new Listing("what", "value");
            var now = context.Shell.Time.GetUtcNow();
            listing.Add("session", $"{session.Id} on {session.Listener} from {session.Address}");
            listing.Add("account", session.Account);
            listing.Add("client", session.Client);
            listing.Add("tls", session.Tls.Length == 0 ? "none" : session.Tls);
            listing.Add("state", session.Folder.Length == 0 ? session.State : $"{session.State}, {session.Folder}");
            listing.Add("open", HumanReadable.Age(now - session.StartedAt));
            listing.Add("last command", session.LastCommandAt is { } at ? $"{session.LastCommand}, {HumanReadable.Age(now - at)} ago" : "");
            listing.Add("traffic", $"{ByteSize.Of(session.BytesIn)} in, {ByteSize.Of(session.BytesOut)} out");
            if (session.MailboxInbox is { } depth) listing.Add("waiting in the mailbox inbox", depth);
            return context.Print(listing);
        });

    private static Command Kick(CommandFactory factory) => factory.Action(
        "kick", "End a session after its current command. The client may reconnect.", ["sessions kick 06a3k9x2p0q1"], [Id], async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            if (!await server.ChangeAsync(HttpMethod.Post, $"sessions/{Uri.EscapeDataString(context.Get(Id))}/kick", cancel)) throw NotOpen(context.Get(Id));
            context.WriteLine($"ended {context.Get(Id)}");
            return ExitCodes.Success;
        });

    private static Command Tail(CommandFactory factory) => factory.Action(
        "tail", "Show the protocol dialogue of a session live, until it ends or Ctrl-C. Passwords, message contents and subjects are hidden.",
        ["sessions tail 06a3k9x2p0q1"], [Id, factory.Json], async (context, cancel) =>
        {
            var exists = false;
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            await foreach (var line in server.StreamAsync<TailLineDocument>($"sessions/{Uri.EscapeDataString(context.Get(Id))}/tail", () => exists = true, cancel))
            {
                context.WriteLine(context.WantsJson
                    ? JsonSerializer.Serialize(line, RuntimeJson.Default.TailLineDocument)
                    : $"{UtcText.WithMilliseconds(line.At)} {(line.From == "client" ? "C:" : "S:")} {line.Text}");
                await context.FlushAsync(cancel);
            }

            return exists ? ExitCodes.Success : throw NotOpen(context.Get(Id));
        });

    private static CommandFailure NotOpen(string id) => new($"no open session '{id}'; see 'mailserver sessions list'");
}

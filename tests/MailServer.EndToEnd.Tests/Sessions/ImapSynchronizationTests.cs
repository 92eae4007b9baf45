using System.Globalization;
using MailKit;
using MailKit.Net.Imap;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>CONDSTORE and QRESYNC with MailKit as the client, also after the server was killed.</summary>
public sealed class ImapSynchronizationTests
{
    [Fact]
    public async Task A_client_that_reconnects_gets_what_has_changed_even_if_the_server_was_killed_meanwhile()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        for (var i = 0; i < 6; i++) await server.DeliverAsync(TestMail.Text(user, "letter " + i.ToString(CultureInfo.InvariantCulture)), user);
        var known = await RememberAsync(server, user);
        Assert.Equal([1u, 2, 3, 4, 5, 6], known.Uids.Select(u => u.Id));

        using (var other = await server.ImapAsync(user))
        {
            await other.Inbox.OpenAsync(FolderAccess.ReadWrite);
            await other.Inbox.AddFlagsAsync([new UniqueId(2), new UniqueId(5)], MessageFlags.Deleted, silent: true);
            await other.Inbox.ExpungeAsync([new UniqueId(2), new UniqueId(5)]);
            await other.Inbox.AddFlagsAsync(new UniqueId(4), MessageFlags.Flagged, silent: true);
        }

        await Task.Delay(1_500);
        await server.KillAsync();
        await server.StartAsync();
        await server.DeliverAsync(TestMail.Text(user, "news"), user);
        using var client = await server.ImapAsync(user);
        await client.EnableQuickResyncAsync();
        var (vanished, changed) = (new List<uint>(), new List<(uint Uid, MessageFlags Flags)>());
        client.Inbox.MessagesVanished += (_, e) => vanished.AddRange(e.UniqueIds.Select(static u => u.Id));
        client.Inbox.MessageFlagsChanged += (_, e) => changed.Add((e.UniqueId!.Value.Id, e.Flags & ~MessageFlags.Recent));
        await client.Inbox.OpenAsync(FolderAccess.ReadWrite, known.Validity, known.ModSeq, known.Uids);
        // After a kill every message has a new mod-sequence, so more than necessary may be listed.
        Assert.Equal([2u, 5], vanished.Order().ToArray());
        Assert.Contains((4u, MessageFlags.Flagged), changed);
        Assert.True(client.Inbox.HighestModSeq > known.ModSeq);
        Assert.Equal(5, client.Inbox.Count);
    }

    [Fact]
    public async Task A_change_is_refused_when_another_client_was_faster()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        for (var i = 0; i < 2; i++) await server.DeliverAsync(TestMail.Text(user, "letter"), user);
        var known = await RememberAsync(server, user);
        var (client, inbox) = await server.InboxAsync(user);
        using var first = client;
        using (var other = await server.ImapAsync(user))
        {
            await other.Inbox.OpenAsync(FolderAccess.ReadWrite);
            await other.Inbox.AddFlagsAsync(new UniqueId(2), MessageFlags.Answered, silent: true);
        }

        var unmodified = await inbox.StoreAsync(
            [new UniqueId(1), new UniqueId(2)], new StoreFlagsRequest(StoreAction.Add, MessageFlags.Seen) { UnchangedSince = known.ModSeq });
        Assert.Equal([2u], unmodified.Select(u => u.Id));
        Assert.Equal([MessageFlags.Seen, MessageFlags.Answered], (await inbox.FetchAsync(0, -1, MessageSummaryItems.Flags)).Select(m => m.Flags & ~MessageFlags.Recent));
    }

    private static async Task<(uint Validity, ulong ModSeq, IList<UniqueId> Uids)> RememberAsync(ServerProcess server, string user)
    {
        using var client = await server.ImapAsync(user);
        Assert.True(client.Capabilities.HasFlag(ImapCapabilities.QuickResync | ImapCapabilities.CondStore));
        await client.EnableQuickResyncAsync();
        await client.Inbox.OpenAsync(FolderAccess.ReadWrite);
        var uids = await client.Inbox.SearchAsync(MailKit.Search.SearchQuery.All);
        return (client.Inbox.UidValidity, client.Inbox.HighestModSeq, uids);
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using MailKit;
using MailKit.Net.Imap;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>NOTIFY with MailKit as the client: it is told of everything in all folders, and asks for nothing.</summary>
[Collection(SharedServerCollection.Name)]
public sealed class ImapNotifyTests(SharedServer shared)
{
    private readonly ServerProcess _server = shared.Server;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_is_told_what_happens_in_all_folders(bool quick)
    {
        var user = await _server.AddUserAsync();
        using var other = await _server.ImapAsync(user);
        using var client = await _server.ImapAsync(user);
        if (quick) await client.EnableQuickResyncAsync();
        Assert.True(client.Capabilities.HasFlag(ImapCapabilities.Notify));
        var told = new ConcurrentQueue<string>();
        await client.Inbox.OpenAsync(FolderAccess.ReadWrite);
        var junk = client.Special(SpecialFolder.Junk);
        client.Inbox.MessageSummaryFetched += (_, e) => { if (e.Message.Envelope is { } envelope) told.Enqueue($"new {envelope.Subject}"); };
        client.Inbox.MessageFlagsChanged += (_, e) => told.Enqueue($"flags {e.Flags & ~MessageFlags.Recent}");
        client.Inbox.MessageExpunged += (_, _) => told.Enqueue("expunged");
        client.Inbox.MessagesVanished += (_, _) => told.Enqueue("expunged");
        junk.CountChanged += (_, _) => told.Enqueue($"Junk has {junk.Count.ToString(CultureInfo.InvariantCulture)}");
        client.FolderCreated += (_, e) => told.Enqueue($"created {e.Folder.FullName}");
        await NotifyAsync(client);
        told.Clear();

        using var done = new CancellationTokenSource();
        var idling = client.IdleAsync(done.Token);
        await _server.DeliverAsync(TestMail.Text(user, "news"), user);
        await HearAsync("new news");
        var otherJunk = other.Special(SpecialFolder.Junk);
        await otherJunk.AppendAsync(MailKitClients.Letter(user, user, "junk"));
        await HearAsync("Junk has 1");
        await other.Inbox.OpenAsync(FolderAccess.ReadWrite);
        await other.Inbox.AddFlagsAsync(new UniqueId(1), MessageFlags.Flagged, silent: true);
        await HearAsync("flags Flagged");
        await other.GetFolder(other.PersonalNamespaces[0]).CreateAsync("Made", isMessageFolder: true);
        await HearAsync("created Made");
        await other.Inbox.MoveToAsync(new UniqueId(1), otherJunk);
        await HearAsync("expunged");
        await HearAsync("Junk has 2");
        await done.CancelAsync();
        await idling;

        await client.DisableNotifyAsync();
        told.Clear();
        await otherJunk.AppendAsync(MailKitClients.Letter(user, user, "silence"));
        await client.NoOpAsync();
        Assert.Empty(told);

        Task HearAsync(string expected) => Eventually.BecomesTrueAsync(() => Task.FromResult(told.Contains(expected)), expected, explain: () => string.Join(", ", told));
    }

    private static Task NotifyAsync(ImapClient client) => client.NotifyAsync(
        true,
        [
            new ImapEventGroup(
                ImapMailboxFilter.Selected,
                [new ImapEvent.MessageNew(new FetchRequest(MessageSummaryItems.UniqueId | MessageSummaryItems.Envelope)), ImapEvent.MessageExpunge, ImapEvent.FlagChange]),
            new ImapEventGroup(
                ImapMailboxFilter.Personal,
                [new ImapEvent.MessageNew(), ImapEvent.MessageExpunge, ImapEvent.FlagChange, ImapEvent.MailboxName, ImapEvent.SubscriptionChange]),
        ]);
}

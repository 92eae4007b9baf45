using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Tests.Mailboxes;

public sealed class FolderSelectionsTests : IDisposable
{
    private readonly MailboxParts _parts = new();
    private readonly MailboxParts.RecordingActor _session = new("one");
    private readonly MailboxParts.RecordingActor _other = new("two");

    public FolderSelectionsTests() => _parts.Mailbox.Open(null);

    public void Dispose() => _parts.Dispose();

    [Fact]
    public void A_session_is_watched_while_it_has_a_folder_selected()
    {
        _parts.Select(_session);
        Assert.Equal(_session, Assert.Single(_parts.Watched));
        _parts.Request(new MailboxRequest.Unselect(), _session);
        Assert.Empty(_parts.Watched);
        Assert.False(_parts.Watchers.Any);
    }

    [Fact]
    public void A_refused_selection_ends_the_previous_one()
    {
        _parts.Select(_session);
        _parts.Request(new MailboxRequest.Select(FolderName.Parse("Nowhere"), ReadOnly: false), _session);
        Assert.False(_parts.Watchers.Any);
        Assert.Empty(_parts.Watched);
    }

    [Fact]
    public void The_requester_gets_a_change_in_its_reply_and_the_others_are_notified()
    {
        _parts.Stage("flagged");
        _parts.Staged.Commit();
        var folder = _parts.Select(_session);
        _parts.Select(_other);
        _other.Received.Clear();
        var replies = _parts.Request(new MailboxRequest.Store(folder.Id, new uint[] { 1 }, FlagOperation.Add, new MessageFlags(SystemFlags.Flagged)), _session);
        Assert.IsType<MailboxReply.Stored>(Assert.Single(replies));
        Assert.Equal(SystemFlags.Flagged, Assert.IsType<MailboxChanged>(Assert.Single(_other.Received)).FlagsChanged.Single().Flags.System);
    }

    [Fact]
    public void Files_of_other_programs_are_found_for_the_folders_that_are_watched()
    {
        _parts.Select(_session);
        _session.Received.Clear();
        File.WriteAllText(Path.Combine(_parts.Folder, "INBOX", "new", "1.foreign"), "Subject: foreign\r\n\r\ntext\r\n");
        _parts.Scan.RunForWatchers();
        Assert.Equal(1, Assert.IsType<MailboxChanged>(Assert.Single(_session.Received)).Uids.Count);
    }

    [Fact]
    public void A_session_that_watches_all_folders_hears_of_all_changes_and_which_it_caused_itself()
    {
        var watched = Assert.IsType<MailboxReply.Watched>(Assert.Single(_parts.Request(new MailboxRequest.Watch(true), _session)));
        Assert.Equal(watched.Tree.All.Select(static f => f.Id.Value).Order(), watched.Overview.Select(static s => s.Id.Value).Order());
        Assert.Equal(_session, Assert.Single(_parts.Watched));
        _parts.Notifier.NotifyOfAll(null);
        _session.Received.Clear();
        _parts.Stage("new");
        _parts.Staged.Commit();
        var delivered = Assert.IsType<AccountChanged>(Assert.Single(_session.Received));
        Assert.Equal((1, false), (delivered.Status!.Messages, delivered.IsOwn));
        _session.Received.Clear();
        _parts.Request(new MailboxRequest.CreateFolder(FolderName.Parse("New")), _session);
        _parts.Notifier.NotifyOfAll(_session);
        _parts.Notifier.NotifyOfAll(_other);
        var created = Assert.Single(_session.Received.OfType<AccountChanged>(), static c => c.Folders is not null);
        Assert.Contains(created.Folders!.All, static f => f.Name.Value == "New");
        Assert.True(created.IsOwn);
    }

    [Fact]
    public void A_session_can_watch_all_folders_and_have_one_selected()
    {
        _parts.Request(new MailboxRequest.Watch(true), _session);
        _parts.Select(_session);
        _parts.Request(new MailboxRequest.Unselect(), _session);
        Assert.Equal(_session, Assert.Single(_parts.Watched));
        _parts.Select(_session);
        Assert.Equal(1, _parts.Watchers.Count);
        _parts.Request(new MailboxRequest.Watch(false), _session);
        Assert.Equal(_session, Assert.Single(_parts.Watched));
        _parts.Request(new MailboxRequest.Unselect(), _session);
        Assert.Empty(_parts.Watched);
        Assert.False(_parts.Watchers.Any);
    }
}

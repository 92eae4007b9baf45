using MailServer.Actors.Mailboxes;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Tests.Mailboxes;

public sealed class MailboxFlusherTests : IDisposable
{
    private readonly MailboxParts _parts = new();
    private readonly FolderId _inbox;

    public MailboxFlusherTests()
    {
        _parts.Mailbox.Open(null);
        _parts.Stage("flagged");
        _parts.Staged.Commit();
        _inbox = _parts.Select(new MailboxParts.RecordingActor("session")).Id;
        _parts.Flusher.TryFlush();
    }

    public void Dispose() => _parts.Dispose();

    [Fact]
    public void A_flag_change_is_flushed_and_then_in_the_name_of_the_file()
    {
        Assert.False(_parts.Flusher.IsNeeded);
        Flag();
        Assert.True(_parts.Flusher.IsNeeded);
        Assert.Equal(FlushWindow.Usual, _parts.Flusher.BeginWindow());
        Assert.True(_parts.Flusher.TryFlush());
        Assert.False(_parts.Flusher.IsNeeded);
        Assert.EndsWith(":2,F", Assert.Single(Directory.GetFiles(Path.Combine(_parts.Folder, "INBOX", "cur"))), StringComparison.Ordinal);
    }

    [Fact]
    public void An_inbox_that_is_never_empty_does_not_delay_a_flush()
    {
        Flag();
        _parts.Flusher.BeginWindow();
        _parts.Flusher.FlushOverdue();
        Assert.True(_parts.Flusher.IsNeeded);
        _parts.Time.Advance(FlushWindow.Usual);
        _parts.Flusher.FlushOverdue();
        Assert.False(_parts.Flusher.IsNeeded);
    }

    [Fact]
    public void A_mailbox_that_is_not_open_needs_no_flush()
    {
        using var closed = new MailboxParts();
        Assert.False(closed.Flusher.IsNeeded);
        closed.Flusher.FlushOverdue();
    }

    private void Flag() => _parts.Request(new MailboxRequest.Store(_inbox, new uint[] { 1 }, FlagOperation.Add, new MessageFlags(SystemFlags.Flagged)));
}

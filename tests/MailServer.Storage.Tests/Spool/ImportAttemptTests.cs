using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.Spool;
using MessageSpool = MailServer.Storage.Spool.MessageSpool;

namespace MailServer.Storage.Tests.Spool;

/// <summary>Each import attempt of a message has its own spool file, whatever happens to the files of other attempts.</summary>
public sealed class ImportAttemptTests : IDisposable
{
    private static readonly SpoolId Message = new("1557000000.Iabc.import");
    private static readonly ReadOnlyMemory<byte> Content = Encoding.Latin1.GetBytes(TestMailbox.Text("once"));

    private readonly TestMailbox _mailbox = new();

    /// <summary>What can happen to the file of an earlier attempt.</summary>
    public enum Interference
    {
        Nothing,

        /// <summary>Another import of the same source files it, and cleans up.</summary>
        OtherImportFiles,

        /// <summary>Another import of the same source is refused, and cleans up.</summary>
        OtherImportGivesUp,

        /// <summary>A starting server looks for messages missing from the journal.</summary>
        StartSetsAside,

        StartRemoves,
    }

    public static TheoryData<Interference> All() => [.. Enum.GetValues<Interference>()];

    public void Dispose() => _mailbox.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public void An_import_files_its_message_whatever_happened_to_an_earlier_attempt(Interference meanwhile)
    {
        var earlier = _mailbox.Spool.Import(Message, Content);
        // The server starts: it lists the files now and examines them later.
        var found = _mailbox.Spool.List();
        var attempt = _mailbox.Spool.Import(Message, Content);
        switch (meanwhile)
        {
            case Interference.OtherImportFiles:
                Assert.Null(_mailbox.Store.Stage(FolderName.Inbox, MessageFlags.None, null, earlier));
                _mailbox.Store.CommitStaged();
                _mailbox.Spool.Remove(earlier.Id);
                break;
            case Interference.OtherImportGivesUp:
                _mailbox.Spool.Remove(earlier.Id);
                break;
            case Interference.StartSetsAside:
                foreach (var id in found) _mailbox.Spool.SetAside(id);
                break;
            case Interference.StartRemoves:
                foreach (var id in found) _mailbox.Spool.Remove(id);
                break;
        }

        Assert.Null(_mailbox.Store.Stage(FolderName.Inbox, MessageFlags.None, null, attempt));
        var appended = _mailbox.Store.CommitStaged().Appended.Single();
        Assert.Equal(meanwhile == Interference.OtherImportFiles, appended is MailboxReply.AlreadyAppended);
        Assert.Single(_mailbox.Uids());
        Assert.StartsWith(Message.Value + ",", _mailbox.Files().Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_start_removes_only_the_remains_of_an_interrupted_import(bool isShared)
    {
        var options = new SpoolOptions { Directory = _mailbox.SpoolDirectory, Node = "one", IsShared = isShared };
        var spool = new MessageSpool(options, _mailbox.Format, TimeProvider.System);
        var left = spool.Import(Message, Content);
        using var buffer = spool.Begin();
        buffer.Advance(0);
        var accepted = spool.Commit(buffer, Content.Span);
        Assert.Equal([accepted.Id], spool.List());
        var other = new MessageSpool(options with { Node = "two", IsShared = true }, _mailbox.Format, TimeProvider.System).Import(Message, Content);

        var again = new MessageSpool(options, _mailbox.Format, TimeProvider.System);

        Assert.False(again.Contains(left.Id));
        Assert.True(again.Contains(accepted.Id));
        Assert.Equal(isShared, again.Contains(other.Id));
        Assert.Equal([accepted.Id], again.List());
    }

    [Fact]
    public void A_full_disk_refuses_imports_and_deliveries_alike()
    {
        var full = new MessageSpool(new SpoolOptions { Directory = _mailbox.SpoolDirectory, Node = "full", IsFull = static () => true }, _mailbox.Format, TimeProvider.System);
        Assert.Throws<IOException>(() => full.Import(Message, Content));
    }
}

using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Directory;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.Tests.Maildir;

/// <summary>A state file that is truncated at any octet, or in which any octet has changed, is recognised and never read as an older state.</summary>
public sealed class StateFileTests : IDisposable
{
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("state-").FullName;

    public void Dispose() => System.IO.Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_state()
    {
        var state = new FolderState { Id = new FolderId(7), UidValidity = new UidValidity(1_764_500_000), UidNext = 3_001, ModSeq = 9_001, Role = FolderRole.Sent, Keywords = ["$Label1", "work"] };
        state.Save(_folder, sync: false);
        var saved = Look();
        foreach (var damaged in Damaged(FolderState.FileName)) Assert.True(Look() is "null" || Look() == saved, damaged);
        // A file of an older version has no checksum.
        File.WriteAllText(Path.Combine(_folder, FolderState.FileName), "mailserver-folder 1\nid 7\nuidvalidity 1764500000\nuidnext 3001\nmodseq 9001\nrole Sent\nkeyword $Label1\nkeyword work\n");
        Assert.Equal(saved, Look());

        string Look() => FolderState.Load(_folder) is { } s ? $"{s.Id} {s.UidValidity} {s.UidNext} {s.ModSeq} {s.Role} {string.Join(' ', s.Keywords)} {s.IsRemoved}" : "null";
    }

    [Fact]
    public void A_mailbox_state()
    {
        var state = new MailboxState(42, 1_764_500_000);
        state.Save(_folder, sync: false);
        foreach (var damaged in Damaged(MailboxState.FileName)) Assert.True(MailboxState.Load(_folder) is { } found && (found == state || found == new MailboxState(0, 0)), damaged);
        File.Delete(Path.Combine(_folder, MailboxState.FileName));
        Assert.Null(MailboxState.Load(_folder));
    }

    [Fact]
    public void An_owner()
    {
        var owner = new FolderOwner(new AccountId(5), 1_764_500_000, "ann@example.org");
        owner.Save(_folder);
        foreach (var damaged in Damaged(FolderOwner.FileName))
        {
            try
            {
                Assert.True(FolderOwner.Load(_folder) == owner, damaged);
            }
            catch (DamagedOwnerException e)
            {
                Assert.Contains(FolderOwner.FileName, e.Message, StringComparison.Ordinal);
                Assert.NotEmpty(e.Remedy);
            }
        }
    }

    /// <summary>Damages a file in every place, one after another; returns what was done.</summary>
    private IEnumerable<string> Damaged(string name)
    {
        var path = Path.Combine(_folder, name);
        var whole = File.ReadAllBytes(path);
        for (var at = 0; at < whole.Length; at++)
        {
            File.WriteAllBytes(path, whole[..at]);
            if (at > 0) yield return $"truncated after {at} octets";
            foreach (var other in new[] { (byte)(whole[at] ^ 1), (byte)0, (byte)'\n' })
            {
                if (other == whole[at]) continue;
                var changed = (byte[])whole.Clone();
                changed[at] = other;
                File.WriteAllBytes(path, changed);
                yield return $"octet {at} is {other}";
            }
        }

        File.WriteAllBytes(path, whole);
    }
}

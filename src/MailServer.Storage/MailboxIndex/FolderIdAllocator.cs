using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.MailboxIndex;

/// <summary>Assigns folder ids and UIDVALIDITY values, each at most once per mailbox.</summary>
internal sealed class FolderIdAllocator(MailboxStoreOptions options, TimeProvider time)
{
    private MailboxState _state = MailboxState.Load(options.Directory) ?? new MailboxState(0, 0);

    /// <summary>Registers the numbers of an existing folder, so that they are not assigned again even if <c>mailbox.state</c> was lost.</summary>
    public void RegisterUsed(FolderState? folder)
    {
        if (folder is null) return;
        _state = new MailboxState(Math.Max(_state.LastFolderId, folder.Id.Value), Math.Max(_state.LastUidValidity, folder.UidValidity.Value));
    }

    /// <summary>Assigns numbers for new folders, one for each role. They are durable when this returns.</summary>
    public FolderState[] Allocate(params ReadOnlySpan<FolderRole> roles)
    {
        var now = (uint)Math.Clamp(time.GetUtcNow().ToUnixTimeSeconds(), 1, uint.MaxValue);
        var states = new FolderState[roles.Length];
        for (var i = 0; i < states.Length; i++)
        {
            _state = new MailboxState(_state.LastFolderId + 1, Math.Max(now, _state.LastUidValidity + 1));
            states[i] = new FolderState
            {
                Id = new FolderId(_state.LastFolderId),
                UidValidity = new UidValidity(_state.LastUidValidity),
                Role = roles[i],
            };
        }

        _state.Save(options.Directory, options.SyncDirectories);
        return states;
    }
}

using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Mailboxes;

/// <summary>
/// Changes rights to folders. The directory notes first with whom the account shares something, so that LIST of the other account asks this mailbox; the rights themselves are in the folder. A selection whose
/// session loses the right to read ends in the same turn.
/// </summary>
internal sealed class FolderSharing(RecoverableMailbox mailbox, IDirectory? directory, FolderSelections selections, IActorRef self)
{
    /// <summary>Changes rights; null if the reply follows when the directory has answered (<see cref="ShareNoted"/>).</summary>
    public MailboxReply? Set(MailboxRequest.SetGrant set, RequestOrigin client)
    {
        // The owner's rights are not in the list.
        if (set.Guest?.Id == mailbox.Account) return new MailboxReply.Refused(MailboxRefusal.NotPossible);
        if (!mailbox.Store.HasFolder(set.Folder)) return new MailboxReply.Refused(MailboxRefusal.NoSuchFolder);
        if (directory is null || set.Operation == FlagOperation.Remove || set.Rights == FolderRights.None) return Apply(set);
        var pending = NoteAsync(directory, set.Guest?.Id);
        if (pending.IsCompletedSuccessfully) return Apply(set);
        pending.PipeTo(self, success: () => new ShareNoted(set, client, null), failure: e => new ShareNoted(set, client, e));
        return null;
    }

    /// <summary>Changes rights that the directory knows of.</summary>
    public MailboxReply Apply(MailboxRequest.SetGrant set)
    {
        var outcome = mailbox.Store.Grants.Set(set.Folder, set.Guest, set.Operation, set.Rights);
        if (outcome.Refusal is { } reason) return new MailboxReply.Refused(reason);
        selections.EndUnreadable(outcome.Value);
        return MailboxReply.Done.Instance;
    }

    private async Task NoteAsync(IDirectory known, AccountId? guest) => await known.AddShareAsync(mailbox.Account, guest, CancellationToken.None);
}

/// <summary>The directory has noted a share, or could not.</summary>
internal sealed record ShareNoted(MailboxRequest.SetGrant Set, RequestOrigin Client, Exception? Failure) : IMailboxTurn, INoSerializationVerificationNeeded;

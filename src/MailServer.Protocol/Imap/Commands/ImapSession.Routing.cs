using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Names;

namespace MailServer.Protocol.Imap.Commands;

// Commands make requests as if there were one mailbox. Here each request gets its mailbox: by the folder's name, or by whose folder is selected. Only LIST, and COPY and MOVE between two mailboxes, take several requests.
public sealed partial class ImapSession
{
    private MailboxOwner? _selectedOwner;
    private bool _hasSelected;

    /// <summary>The selected folder as its mailbox knows it; the owner is null for the session's own account.</summary>
    public (MailboxOwner? Owner, FolderName Name)? SelectedPlace => View is { } view ? PlaceOf(view.Name) : null;

    /// <summary>Whether folders of other mailboxes can be used.</summary>
    internal bool OffersSharing => !IsDisabled(Capabilities.Acl);

    /// <summary>Answers <see cref="ImapEffect.ListSharers"/>.</summary>
    public void AnswerSharers(IReadOnlyList<MailboxOwner> sharers) => Sharers = sharers;

    /// <summary>Answers <see cref="ImapEffect.FindGuest"/>.</summary>
    /// <param name="guest">The account; null if there is none.</param>
    /// <param name="isUnavailable">Whether there is one is not known now.</param>
    public void AnswerGuest(MailboxGuest? guest, bool isUnavailable = false) => (Guest, IsGuestUnavailable) = (guest, isUnavailable);

    /// <summary>The answer to the last <see cref="ImapEffect.FindGuest"/>.</summary>
    internal MailboxGuest? Guest { get; private set; }

    internal bool IsGuestUnavailable { get; private set; }

    private IReadOnlyList<MailboxOwner> Sharers { get; set; } = [];

    /// <summary>The mailbox of a folder, and its name there.</summary>
    internal (MailboxOwner? Owner, FolderName Name) PlaceOf(FolderName name) =>
        OffersSharing && SharedNames.TryRead(name, out var owner, out var folder) ? (owner, folder) : (null, name);

    /// <summary>A request to a certain mailbox; <see cref="Request"/> leaves it to the session which one it is for.</summary>
    internal static ImapEffect RequestOf(MailboxOwner? owner, MailboxRequest request) => new ImapEffect.RequestMailbox(request) { Owner = owner, IsPlaced = true };

    private IEnumerable<ImapEffect> Routed(IEnumerable<ImapEffect> effects)
    {
        foreach (var effect in effects)
        {
            if (effect is not ImapEffect.RequestMailbox { IsPlaced: false, Request: var request })
            {
                yield return effect;
            }
            else if (FolderPlaces.IsOfSelected(request))
            {
                yield return To(_selectedOwner, request);
            }
            else
            {
                foreach (var step in Route(request)) yield return step;
            }
        }
    }

    private IEnumerable<ImapEffect> Route(MailboxRequest request) => request switch
    {
        MailboxRequest.ListFolders => ListAll(),
        MailboxRequest.Select select => Select(select),
        MailboxRequest.Unselect => Unselect(),
        MailboxRequest.Copy copy => Copy(copy),
        MailboxRequest.Replace replace => Replace(replace),
        MailboxRequest.RenameFolder rename => Rename(rename),
        // A subscription is a name in the own mailbox, also of folders in others.
        _ when FolderPlaces.NameIn(request) is { } name => Named(request, name),
        _ => [To(null, request)],
    };

    private static ImapEffect.RequestMailbox To(MailboxOwner? owner, MailboxRequest request) => new(request) { Owner = owner };

    private IEnumerable<ImapEffect> Named(MailboxRequest request, FolderName name)
    {
        var (owner, folder) = PlaceOf(name);
        yield return To(owner, owner is null ? request : FolderPlaces.WithName(request, folder));
    }

    private IEnumerable<ImapEffect> ListAll()
    {
        yield return To(null, new MailboxRequest.ListFolders());
        if (!OffersSharing || Reply is not MailboxReply.Folders own) yield break;
        yield return new ImapEffect.ListSharers();
        var all = own.All.ToList();
        foreach (var owner in Sharers.Take(Limits.SharingMailboxes))
        {
            yield return To(owner, new MailboxRequest.ListFolders());
            // A mailbox that cannot be reached is left out: LIST must not fail because of others.
            if (Reply is not MailboxReply.Folders shared) continue;
            foreach (var folder in shared.All)
                if (SharedNames.Join(owner, folder.Name) is { } name) all.Add(folder with { Name = name });
        }

        Reply = own with { All = all };
    }

    private IEnumerable<ImapEffect> Select(MailboxRequest.Select select)
    {
        var (owner, name) = PlaceOf(select.Name);
        if (_hasSelected && _selectedOwner != owner) yield return To(_selectedOwner, new MailboxRequest.Unselect());
        (_selectedOwner, _hasSelected) = (owner, true);
        yield return To(owner, select with { Name = name });
        if (Reply is MailboxReply.Selected { Folder: var folder }) Reply = new MailboxReply.Selected(folder with { Name = select.Name });
    }

    private IEnumerable<ImapEffect> Unselect()
    {
        yield return To(_selectedOwner, new MailboxRequest.Unselect());
        (_selectedOwner, _hasSelected) = (null, false);
    }

    private IEnumerable<ImapEffect> Replace(MailboxRequest.Replace replace)
    {
        var (owner, name) = PlaceOf(replace.Target);
        if (owner == _selectedOwner) yield return To(owner, replace with { Target = name });
        else Refuse(MailboxRefusal.NotPossible);
    }

    private IEnumerable<ImapEffect> Rename(MailboxRequest.RenameFolder rename)
    {
        var (from, oldName) = PlaceOf(rename.From);
        var (to, newName) = PlaceOf(rename.To);
        if (from != to) Refuse(MailboxRefusal.NotPossible);
        else yield return To(from, new MailboxRequest.RenameFolder(oldName, newName));
    }

    private IEnumerable<ImapEffect> Copy(MailboxRequest.Copy copy)
    {
        var (owner, name) = PlaceOf(copy.Target);
        if (owner == _selectedOwner)
        {
            yield return To(owner, copy with { Target = name });
            yield break;
        }

        // The copies are durable before anything is removed: what fails in between leaves the messages in both folders.
        yield return To(_selectedOwner, new MailboxRequest.Export(copy.Folder, copy.Uids, copy.Move));
        if (Reply is not MailboxReply.Exported exported) yield break;
        if (exported.Messages.Count == 0)
        {
            Reply = new MailboxReply.Copied(default, [], [], null);
            yield break;
        }

        yield return To(owner, new MailboxRequest.AppendAll(name, exported.Messages));
        if (Reply is MailboxReply.Refused { Reason: MailboxRefusal.NoSuchFolder }) Refuse(MailboxRefusal.NoSuchTarget);
        if (Reply is not MailboxReply.AppendedAll appended) yield break;
        MailboxChanged? moved = null;
        if (copy.Move)
        {
            yield return To(_selectedOwner, new MailboxRequest.RemoveMessages(copy.Folder, UidSet.OfUids([.. exported.Uids.Select(static u => u.Value)])));
            if (Reply is not MailboxReply.Expunged { Change: var change }) yield break;
            moved = change;
        }

        Reply = new MailboxReply.Copied(appended.Validity, exported.Uids, appended.Uids, moved);
    }

    private void Refuse(MailboxRefusal reason) => Reply = new MailboxReply.Refused(reason);
}

using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Fetching;

namespace MailServer.Protocol.Imap.Notifying;

/// <summary>Parses the arguments of NOTIFY (RFC 5465 §8).</summary>
internal ref struct NotifyRequestReader
{
    private readonly List<NotifyGroup> _groups = [];
    private FetchPlan? _newMessages;
    private bool _hasUnknownEvent;

    public NotifyRequestReader()
    {
    }

    /// <summary>Returns null when the arguments are malformed, or request events in a combination that is not allowed.</summary>
    public static NotifyRequest? Read(ref ImapReader reader)
    {
        if (reader.TryReadWord("NONE"u8)) return NotifyRequest.None;
        return reader.TryReadWord("SET"u8) ? new NotifyRequestReader().ReadGroups(ref reader) : null;
    }

    private NotifyRequest? ReadGroups(ref ImapReader reader)
    {
        var withStatus = reader.TryReadWord(" STATUS"u8);
        while (reader.ReadSpace())
            if (!ReadGroup(ref reader)) return null;
        if (_groups.Count == 0 || _groups.Count(static g => g.IsOfSelected) > 1) return null;
        return new NotifyRequest { WithStatus = withStatus, Groups = _groups, NewMessages = _newMessages, HasUnknownEvent = _hasUnknownEvent };
    }

    // event-group = "(" filter-mailboxes SP events ")"
    private bool ReadGroup(ref ImapReader reader)
    {
        if (!reader.Open() || !reader.ReadAtom(out var word) || ScopeOf(word) is not { } scope) return false;
        List<FolderName> names = [];
        if (scope is NotifyScope.Subtree or NotifyScope.Mailboxes && !ReadNames(ref reader, names)) return false;
        var isOfSelected = scope is NotifyScope.Selected or NotifyScope.SelectedDelayed;
        if (!reader.ReadSpace() || !ReadEvents(ref reader, isOfSelected, out var events) || !reader.Close()) return false;
        if (isOfSelected && (events & ~NotifyEvents.OfMessages) != 0) return false;
        // §5: new and removed messages belong together, and flags need both.
        var ofMessages = events & NotifyEvents.OfMessages;
        if (ofMessages != 0 && !ofMessages.HasFlag(NotifyEvents.Messages)) return false;
        _groups.Add(new NotifyGroup(scope, names, events));
        return true;
    }

    // one-or-more-mailbox. Names that no folder can have are ignored, as those of missing folders (§3.1).
    private static bool ReadNames(ref ImapReader reader, List<FolderName> names)
    {
        if (!reader.ReadSpace()) return false;
        var isList = reader.TryRead((byte)'(');
        do
        {
            if (!reader.ReadMailbox(out var name)) return false;
            if (name is { } valid) names.Add(valid);
        }
        while (isList && reader.ReadSpace());
        return !isList || reader.TryRead((byte)')');
    }

    private bool ReadEvents(ref ImapReader reader, bool isOfSelected, out NotifyEvents events)
    {
        events = NotifyEvents.None;
        if (reader.TryReadWord("NONE"u8)) return true;
        if (!reader.Open()) return false;
        do
        {
            if (!reader.ReadAtom(out var name)) return false;
            if (EventOf(name) is not { } found) _hasUnknownEvent = true;
            else events |= found;
            if (isOfSelected && events.HasFlag(NotifyEvents.MessageNew) && reader.Rest is [(byte)' ', (byte)'(', ..] && !ReadItems(ref reader)) return false;
        }
        while (reader.ReadSpace());
        return reader.Close();
    }

    private bool ReadItems(ref ImapReader reader)
    {
        if (_newMessages is not null || !reader.ReadSpace()) return false;
        _newMessages = FetchPlan.Read(ref reader);
        return _newMessages is not null;
    }

    private static NotifyScope? ScopeOf(ReadOnlySpan<byte> word)
    {
        if (Ascii.EqualsIgnoreCase(word, "SELECTED"u8)) return NotifyScope.Selected;
        if (Ascii.EqualsIgnoreCase(word, "SELECTED-DELAYED"u8)) return NotifyScope.SelectedDelayed;
        if (Ascii.EqualsIgnoreCase(word, "PERSONAL"u8) || Ascii.EqualsIgnoreCase(word, "INBOXES"u8)) return NotifyScope.Personal;
        if (Ascii.EqualsIgnoreCase(word, "SUBSCRIBED"u8)) return NotifyScope.Subscribed;
        if (Ascii.EqualsIgnoreCase(word, "SUBTREE"u8)) return NotifyScope.Subtree;
        return Ascii.EqualsIgnoreCase(word, "MAILBOXES"u8) ? NotifyScope.Mailboxes : null;
    }

    private static NotifyEvents? EventOf(ReadOnlySpan<byte> word)
    {
        if (Ascii.EqualsIgnoreCase(word, "MESSAGENEW"u8)) return NotifyEvents.MessageNew;
        if (Ascii.EqualsIgnoreCase(word, "MESSAGEEXPUNGE"u8)) return NotifyEvents.MessageExpunge;
        if (Ascii.EqualsIgnoreCase(word, "FLAGCHANGE"u8)) return NotifyEvents.FlagChange;
        if (Ascii.EqualsIgnoreCase(word, "MAILBOXNAME"u8)) return NotifyEvents.MailboxName;
        if (Ascii.EqualsIgnoreCase(word, "SUBSCRIPTIONCHANGE"u8)) return NotifyEvents.SubscriptionChange;
        if (Ascii.EqualsIgnoreCase(word, "MAILBOXMETADATACHANGE"u8)) return NotifyEvents.MailboxMetadataChange;
        return Ascii.EqualsIgnoreCase(word, "SERVERMETADATACHANGE"u8) ? NotifyEvents.ServerMetadataChange : null;
    }
}

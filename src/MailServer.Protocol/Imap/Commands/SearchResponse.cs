using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Searching;
using MailServer.Protocol.Imap.Views;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>How SEARCH and SORT begin and end: both resolve the keys, keep the result as <c>$</c> and answer in one of two forms.</summary>
internal static class SearchResponse
{
    /// <summary>The criteria for the mailbox; null when the command is refused, which <c>$</c> must forget if it was to be set (RFC 5182 §2.1).</summary>
    public static SearchCriteria? Prepare(ImapSession session, SearchProgram program, SearchReturn? options)
    {
        if (options is not null && options.Has(SearchReturnItems.Update) && session.HasContext(session.RunningTag))
        {
            session.Refuse(ImapError.TagInUse);
            return null;
        }

        if (program.Key is null)
        {
            session.Refuse(ImapError.BadCharset);
            Forget(session.Folder, options);
            return null;
        }

        if (program.UsesModSeq) session.EnableCondStore();
        var criteria = program.Key.Resolve(session.Folder);
        if (criteria is null) session.Refuse(ImapError.NoSuchMessage);
        return criteria;
    }

    /// <summary>Sets the result of a command that the mailbox has refused.</summary>
    public static void Fail(ImapSession session, SearchReturn? options)
    {
        session.RefuseWithMailboxReply();
        Forget(session.Folder, options);
    }

    /// <summary>
    /// Takes the reply to a search, writes its result in the order of the reply, warns of messages that cannot be read, and sets the result of the command.
    /// </summary>
    /// <param name="session">The session, with the reply of the mailbox.</param>
    /// <param name="command">SEARCH or SORT.</param>
    /// <param name="program">What was searched.</param>
    /// <param name="isUid">Whether the client wants UIDs.</param>
    /// <param name="options">The result options; null for the plain response.</param>
    /// <param name="criteria">What the mailbox was asked for.</param>
    public static IEnumerable<ImapEffect> Conclude(ImapSession session, ImapCommand command, SearchProgram program, bool isUid, SearchReturn? options, SearchCriteria criteria)
    {
        if (session.Reply is not MailboxReply.SearchResult result)
        {
            Fail(session, options);
            yield break;
        }

        var uids = Announced(session.Folder, result.Uids);
        ModSeq? highest = null;
        if (program.UsesModSeq && uids.Length > 0)
        {
            yield return ImapSession.Request(new MailboxRequest.GetHighestModSeq(session.Folder.Id, options is null ? SearchReturn.Set(uids) : options.Told(uids)));
            highest = (session.Reply as MailboxReply.HighestModSeq)?.Value;
        }

        Write(session, command, isUid, options, uids, highest);
        if (result is MailboxReply.PartialSearchResult { Unreadable: var unreadable }) Warn(session, unreadable);
        // RFC 5530 §3: messages that were removed by another session have sequence numbers but are not found.
        session.Ok($"{command.Name} completed", !isUid && session.Folder.HasUnannouncedExpunges ? "EXPUNGEISSUED" : null);
        if (options is not null && options.Has(SearchReturnItems.Save)) Save(session, options.Saved(uids));
        if (options is null || !options.Has(SearchReturnItems.Update)) yield break;
        var context = new SearchContext(command.Tag, isUid, criteria, (command as SortCommand)?.Order, options.NewMessages, uids);
        if (!session.TryKeep(context)) session.WriteNoUpdate(command.Tag);
    }

    private static void Write(ImapSession session, ImapCommand command, bool isUid, SearchReturn? options, uint[] uids, ModSeq? highest)
    {
        if (options is { IsSilent: true }) return;
        var numbers = isUid ? uids : Array.ConvertAll(uids, uid => (uint)session.Folder.SequenceOf(uid));
        var writer = new ImapWriter(session.Output);
        if (options is null) WritePlain(ref writer, command, numbers, highest);
        else EsearchWriter.Write(ref writer, command.Tag, isUid, options, numbers, highest);
        writer.Commit();
    }

    // RFC 3501 §7.1.2: an untagged NO is a warning; the command itself succeeds.
    public static void Warn(ImapSession session, IReadOnlyList<Uid> unreadable)
    {
        var writer = new ImapWriter(session.Output);
        ImapErrors.UnreadableMessages(unreadable).Write(ref writer, null);
        writer.Commit();
    }

    // A message that has not been announced has no sequence number yet, and the client cannot know its UID.
    private static uint[] Announced(SelectedFolder view, IReadOnlyList<Uid> found)
    {
        var uids = new uint[found.Count];
        var count = 0;
        for (var at = 0; at < uids.Length; at++)
            if (view.SequenceOf(found[at].Value) > 0) uids[count++] = found[at].Value;
        return count == uids.Length ? uids : uids[..count];
    }

    private static void WritePlain(ref ImapWriter writer, ImapCommand command, ReadOnlySpan<uint> numbers, ModSeq? highest)
    {
        writer.Write(command is SearchCommand ? "* SEARCH"u8 : "* SORT"u8);
        foreach (var number in numbers)
        {
            writer.Write((byte)' ');
            writer.Write(number);
        }

        if (highest is { } modSeq)
        {
            writer.Write(" (MODSEQ "u8);
            writer.Write(modSeq.Value);
            writer.Write((byte)')');
        }

        writer.EndLine();
    }

    private static void Save(ImapSession session, UidSet saved)
    {
        var fits = saved.Ranges.Count <= session.Limits.ImapSavedRanges;
        session.Folder.SavedResult = fits ? saved : UidSet.Empty;
        if (!fits) session.Refuse(ImapError.ResultNotSaved);
    }

    private static void Forget(SelectedFolder view, SearchReturn? options)
    {
        if (options is not null && options.Has(SearchReturnItems.Save)) view.SavedResult = UidSet.Empty;
    }
}

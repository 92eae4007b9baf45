using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Views;
using MailServer.Protocol.Imap.Writing;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Imap.Fetching;

/// <summary>Writes FETCH responses up to their body sections.</summary>
internal static class FetchResponseWriter
{
    private const FetchAttributes Details =
        FetchAttributes.EmailId | FetchAttributes.ThreadId | FetchAttributes.SaveDate | FetchAttributes.Preview | FetchAttributes.LazyPreview;

    /// <summary>
    /// Writes <c>* n FETCH (</c> and the requested items, and FLAGS if they have changed. Returns false and writes nothing when the client has not
    /// seen the message yet.
    /// </summary>
    public static bool TryBegin(ref ImapWriter writer, SelectedFolder view, FetchAttributes words, MessageRow row, out bool any)
    {
        any = false;
        var sequence = view.SequenceOf(row.Uid.Value);
        if (sequence == 0) return false;
        if (row.FlagsChanged) words |= view.Enabled.CondStore ? FetchAttributes.Flags | FetchAttributes.Uid | FetchAttributes.ModSeq : FetchAttributes.Flags;
        if (row.FlagsChanged) view.Touch(row.Uid.Value);
        var tellsFlags = words.HasFlag(FetchAttributes.Flags);
        view.Refresh(new FlagChange(row.Uid, row.Flags, row.ModSeq), tellsFlags);
        if (tellsFlags) view.AnnounceKeywords(ref writer, row.Flags.Keywords);
        writer.Write("* "u8);
        writer.Write(sequence);
        writer.Write(" FETCH ("u8);
        WriteWords(ref writer, view, words, row, ref any);
        return true;
    }

    private static void WriteWords(ref ImapWriter writer, SelectedFolder view, FetchAttributes words, MessageRow row, ref bool any)
    {
        if (words.HasFlag(FetchAttributes.Uid))
        {
            WriteName(ref writer, "UID "u8, ref any);
            writer.Write(row.Uid.Value);
        }

        if (words.HasFlag(FetchAttributes.Flags))
        {
            WriteName(ref writer, "FLAGS "u8, ref any);
            ImapFlags.Write(ref writer, row.Flags, view.IsRecent(row.Uid.Value));
        }

        if (words.HasFlag(FetchAttributes.ModSeq))
        {
            WriteName(ref writer, "MODSEQ ("u8, ref any);
            writer.Write(row.ModSeq.Value);
            writer.Write((byte)')');
        }

        if (words.HasFlag(FetchAttributes.InternalDate))
        {
            WriteName(ref writer, "INTERNALDATE "u8, ref any);
            writer.DateTime(row.InternalDate);
        }

        if (words.HasFlag(FetchAttributes.Size))
        {
            WriteName(ref writer, "RFC822.SIZE "u8, ref any);
            writer.Write(row.Size);
        }

        if ((words & Details) != 0) WriteDetails(ref writer, words, row.Details, ref any);
        WriteStructure(ref writer, words, row, ref any);
    }

    private static void WriteStructure(ref ImapWriter writer, FetchAttributes words, MessageRow row, ref bool any)
    {
        if (words.HasFlag(FetchAttributes.Envelope))
        {
            WriteName(ref writer, "ENVELOPE "u8, ref any);
            writer.Write(row.Envelope.Span);
        }

        if (words.HasFlag(FetchAttributes.BodyStructure))
        {
            WriteName(ref writer, "BODYSTRUCTURE "u8, ref any);
            writer.Write(row.BodyStructure.Span);
        }

        if (words.HasFlag(FetchAttributes.Body))
        {
            WriteName(ref writer, "BODY "u8, ref any);
            writer.Commit();
            BodyStructure.WithoutExtensions(row.BodyStructure.Span, writer.Output);
        }
    }

    // Without an answer from the mailbox, which may run an older version, an item without a NIL form is left out.
    private static void WriteDetails(ref ImapWriter writer, FetchAttributes words, MessageDetails? details, ref bool any)
    {
        if (words.HasFlag(FetchAttributes.EmailId) && details?.EmailId is { } id)
        {
            WriteName(ref writer, "EMAILID ("u8, ref any);
            writer.Write(id);
            writer.Write((byte)')');
        }

        // RFC 8474 §5.2: threads that span folders would have to be kept up to date by every delivery.
        if (words.HasFlag(FetchAttributes.ThreadId)) WriteName(ref writer, "THREADID NIL"u8, ref any);
        if (words.HasFlag(FetchAttributes.SaveDate))
        {
            WriteName(ref writer, "SAVEDATE "u8, ref any);
            if (details?.SavedAt is { } saved) writer.DateTime(saved);
            else writer.Write("NIL"u8);
        }

        if ((words & (FetchAttributes.Preview | FetchAttributes.LazyPreview)) == 0) return;
        WriteName(ref writer, "PREVIEW "u8, ref any);
        if (details?.Preview is { } preview) writer.UnicodeString(preview);
        else writer.Write(words.HasFlag(FetchAttributes.Preview) ? "\"\""u8 : "NIL"u8);
    }

    /// <summary>Writes an item's name, preceded by a space unless it is the first.</summary>
    public static void WriteName(ref ImapWriter writer, ReadOnlySpan<byte> name, ref bool any)
    {
        if (any) writer.Write((byte)' ');
        any = true;
        writer.Write(name);
    }
}

using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Fetching;
using MailServer.Protocol.Imap.Writing;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>Writes the FETCH responses of messages in the selected folder, including sections of their files.</summary>
internal sealed class FetchResponses(FetchPlan plan)
{
    /// <summary>The messages that cannot be read.</summary>
    public List<Uid> Unreadable { get; } = [];

    /// <summary>A message was left out, because BINARY cannot decode its transfer encoding (RFC 3516 §4.3).</summary>
    public bool HasUnknownEncoding { get; private set; }

    /// <summary>The number of messages to request at once.</summary>
    public int PageSize(ImapSession session) => plan.MayReadFiles ? session.Limits.FetchContentPage : session.Limits.FetchPage;

    /// <summary>Writes the responses and disposes the rows. Messages that cannot be read are left out.</summary>
    public IEnumerable<ImapEffect> Write(ImapSession session, IReadOnlyList<MessageRow> rows)
    {
        if (plan.Sections.Count == 0)
        {
            WriteRows(session, rows);
            yield break;
        }

        var written = 0;
        try
        {
            for (; written < rows.Count; written++)
            {
                foreach (var effect in WriteWithSections(session, rows[written])) yield return effect;
                rows[written].Content?.Dispose();
            }
        }
        finally
        {
            for (; written < rows.Count; written++) rows[written].Content?.Dispose();
        }
    }

    private void WriteRows(ImapSession session, IReadOnlyList<MessageRow> rows)
    {
        var writer = new ImapWriter(session.Output);
        for (var at = 0; at < rows.Count; at++)
            if (FetchResponseWriter.TryBegin(ref writer, session.Folder, plan.Attributes, rows[at], out _)) writer.Write(")\r\n"u8);
        writer.Commit();
    }

    private IEnumerable<ImapEffect> WriteWithSections(ImapSession session, MessageRow row)
    {
        // Locate all sections before the response begins: a started response can only be aborted by closing the connection.
        if (FindSections(session, row) is not { } sources)
        {
            Unreadable.Add(row.Uid);
            yield break;
        }

        if (Array.Exists(sources, static source => source.HasUnknownEncoding))
        {
            HasUnknownEncoding = true;
            yield break;
        }

        if (!Begin(session, row, out var any)) yield break;
        for (var at = 0; at < sources.Length; at++)
        {
            WriteSection(session, plan.Sections[at], sources[at], any);
            any = true;
            if (sources[at].Content is { } content) yield return new ImapEffect.SendContent(content, sources[at].Range.Offset, sources[at].Range.Count);
        }

        End(session);
    }

    /// <summary>Locates the sections of a message; null when the message cannot be read.</summary>
    private SectionSource[]? FindSections(ImapSession session, MessageRow row)
    {
        if (plan.NeedsContent && row.Content is null) return null;
        try
        {
            var decoded = new Dictionary<string, DecodedContent>(StringComparer.Ordinal);
            return [.. plan.Sections.Select(section => SectionSource.Find(section, row, session.Limits, decoded))];
        }
        catch (IOException)
        {
            return null;
        }
    }

    private bool Begin(ImapSession session, MessageRow row, out bool any)
    {
        var writer = new ImapWriter(session.Output);
        var known = FetchResponseWriter.TryBegin(ref writer, session.Folder, plan.Attributes, row, out any);
        writer.Commit();
        return known;
    }

    private static void WriteSection(ImapSession session, BodySection section, in SectionSource source, bool any)
    {
        var writer = new ImapWriter(session.Output);
        FetchResponseWriter.WriteName(ref writer, section.Label, ref any);
        writer.Write((byte)' ');
        if (section.Form == SectionForm.BinarySize) writer.Write(source.Size);
        else if (source.IsNil) writer.Write("NIL"u8);
        else if (source.IsBinary) WriteBinary(ref writer, source);
        else if (source.Content is not null) writer.LiteralHeader(source.Range.Count);
        else if (source.Octets is { IsEmpty: true }) writer.Write("\"\""u8);
        else writer.Literal(source.Octets!.Value.Span);
        writer.Commit();
    }

    // literal8 = "~" literal (RFC 3516 §7)
    private static void WriteBinary(ref ImapWriter writer, in SectionSource source)
    {
        writer.Write((byte)'~');
        if (source.Octets is { } octets) writer.Literal(octets.Span);
        else writer.LiteralHeader(source.Range.Count);
    }

    private static void End(ImapSession session)
    {
        var writer = new ImapWriter(session.Output);
        writer.Write(")\r\n"u8);
        writer.Commit();
    }
}

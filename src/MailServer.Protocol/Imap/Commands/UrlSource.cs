using System.Buffers;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Imap.Fetching;
using MailServer.Protocol.Imap.Urls;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>Opens what the URLs of a command name, one after the other.</summary>
internal sealed class UrlSource : IDisposable
{
    private const int Piece = 64 * 1024;
    private const int Turn = 1024 * 1024;

    private readonly Dictionary<FolderName, FolderStatus> _folders = [];
    private MessageRow? _row;

    /// <summary>Where the octets are; null if there is no such message or section, or the message cannot be read.</summary>
    public SectionSource? Found { get; private set; }

    /// <summary>The structure of the part, if it was asked for.</summary>
    public ReadOnlyMemory<byte>? Structure { get; private set; }

    /// <summary>There is such a part, but its transfer encoding is not known.</summary>
    public bool HasUnknownEncoding { get; private set; }

    /// <summary>The mailbox could not be asked; a later attempt may succeed.</summary>
    public bool IsUnavailable { get; set; }

    /// <summary>The number of octets that <see cref="Found"/> has.</summary>
    public long Length => Found is not { } found ? 0 : found.Octets?.Length ?? found.Range.Count;

    /// <summary>Looks for a message that the user may read, and its section. What was found before is closed.</summary>
    public IEnumerable<ImapEffect> Open(ImapSession session, ImapUrl url)
    {
        Close();
        var (owner, name) = session.PlaceOf(url.Folder);
        if (!_folders.TryGetValue(url.Folder, out var folder))
        {
            yield return ImapSession.RequestOf(owner, new MailboxRequest.GetStatus(name));
            if (session.Reply is not MailboxReply.Status { Folder: var status })
            {
                IsUnavailable = session.Reply is not MailboxReply.Refused { Reason: MailboxRefusal.NoSuchFolder };
                yield break;
            }

            _folders[url.Folder] = folder = status;
        }

        foreach (var effect in Fetch(session, request => ImapSession.RequestOf(owner, request), folder.Id, folder.UidValidity, url, url.Section, FetchItems.None)) yield return effect;
    }

    /// <summary>Looks for what a signed URL names, if its signature is right.</summary>
    /// <param name="session">The session.</param>
    /// <param name="owner">Whose message it is; null for the user of the session.</param>
    /// <param name="url">The URL with its token.</param>
    /// <param name="isDecoded">Without the transfer encoding of the part.</param>
    /// <param name="withStructure">Also the structure of the part.</param>
    public IEnumerable<ImapEffect> OpenAuthorized(ImapSession session, AccountId? owner, AuthorizedUrl url, bool isDecoded, bool withStructure)
    {
        ImapEffect Request(MailboxRequest request) => owner is { } other ? new ImapEffect.RequestMailboxOf(other, request) : ImapSession.RequestOf(null, request);
        yield return Request(new MailboxRequest.VerifyUrl(url.Url.Folder, url.Rump, url.Token!, url.Expiry));
        if (session.Reply is not MailboxReply.UrlVerified { Folder: var folder, Validity: var validity })
        {
            IsUnavailable = session.Reply is not MailboxReply.Refused { Reason: MailboxRefusal.NoSuchMessage };
            yield break;
        }

        // Only a part has a transfer encoding, not its header.
        var section = url.Url.Section;
        if (isDecoded && section.Path.Length > 0 && section.Text == SectionText.None) section = section with { Form = SectionForm.Binary };
        foreach (var effect in Fetch(session, Request, folder, validity, url.Url, section, withStructure ? FetchItems.BodyStructure : FetchItems.None)) yield return effect;
        if (withStructure && _row is { } row && BodyStructure.Find(row.BodyStructure.Span, section.Path) is { IsEmpty: false } structure) Structure = structure.ToArray();
    }

    private IEnumerable<ImapEffect> Fetch(ImapSession session, Func<MailboxRequest, ImapEffect> request, FolderId folder, UidValidity validity, ImapUrl url, BodySection section, FetchItems more)
    {
        // A URL with another UIDVALIDITY is as good as one of a folder that does not exist (RFC 5092 §5).
        if (url.Validity is { } wanted && wanted != validity.Value) yield break;
        yield return request(new MailboxRequest.Fetch(folder, new[] { url.Uid }, new FetchPlan(FetchAttributes.None, [section]).Items | more, MarkSeen: false));
        if (session.Reply is not MailboxReply.Fetched { Rows: var rows }) IsUnavailable = session.Reply is not MailboxReply.ContentUnreadable;
        else if (rows is [var row]) Locate(session, section, row);
    }

    /// <summary>Copies what was found, piece by piece, so that a large part does not hold up other sessions. <see cref="Found"/> is null afterwards if the file could not be read to its end.</summary>
    public IEnumerable<ImapEffect> Copy(IBufferWriter<byte> output)
    {
        if (Found is not { } found) yield break;
        if (found.Octets is { } octets) output.Write(octets.Span);
        if (found.Octets is not null || found.Content is not { } content) yield break;
        for (var at = 0L; at < found.Range.Count;)
        {
            var copied = CopyPiece(content, found.Range.Offset + at, found.Range.Count - at, output);
            if (copied == 0)
            {
                Found = null;
                yield break;
            }

            at += copied;
            if (at / Turn != (at - copied) / Turn) yield return ImapSession.Yield;
        }
    }

    /// <summary>Closes what was found.</summary>
    public void Close()
    {
        _row?.Content?.Dispose();
        (_row, Found, Structure, IsUnavailable, HasUnknownEncoding) = (null, null, null, false, false);
    }

    public void Dispose() => Close();

    private void Locate(ImapSession session, BodySection section, MessageRow row)
    {
        _row = row;
        if (row.Content is null && !section.IsCached) return;
        try
        {
            var found = SectionSource.Find(section, row, session.Limits, new Dictionary<string, DecodedContent>(StringComparer.Ordinal));
            HasUnknownEncoding = found.HasUnknownEncoding;
            if (!found.IsNil) Found = found;
        }
        catch (IOException)
        {
            IsUnavailable = true;
        }
    }

    private static int CopyPiece(MessageContent content, long offset, long most, IBufferWriter<byte> output)
    {
        var count = (int)Math.Min(Piece, most);
        try
        {
            var read = content.Read(offset, output.GetSpan(count)[..count]);
            output.Advance(read);
            return read;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}

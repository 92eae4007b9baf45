using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>The header fields that the server parses.</summary>
internal enum KnownField
{
    None,
    Date,
    Subject,
    From,
    Sender,
    ReplyTo,
    To,
    Cc,
    Bcc,
    InReplyTo,
    MessageId,
    ContentType,
    ContentTransferEncoding,
    ContentId,
    ContentDescription,
    ContentMd5,
    ContentDisposition,
    ContentLanguage,
    ContentLocation,
    /// <summary>Cached but not parsed.</summary>
    Other,
}

/// <summary>Known field names grouped by length, so that a lookup needs only one or two comparisons.</summary>
internal static class KnownFieldNames
{
    private static readonly Entry[][] ByLength = Index(
    [
        new("Date", KnownField.Date, true),
        new("Subject", KnownField.Subject, true),
        new("From", KnownField.From, true),
        new("Sender", KnownField.Sender, true),
        new("Reply-To", KnownField.ReplyTo, true),
        new("To", KnownField.To, true),
        new("Cc", KnownField.Cc, true),
        new("Bcc", KnownField.Bcc, true),
        new("In-Reply-To", KnownField.InReplyTo, true),
        new("Message-ID", KnownField.MessageId, true),
        new("Content-Type", KnownField.ContentType, true),
        new("Content-Transfer-Encoding", KnownField.ContentTransferEncoding, true),
        new("Content-ID", KnownField.ContentId, false),
        new("Content-Description", KnownField.ContentDescription, false),
        new("Content-MD5", KnownField.ContentMd5, false),
        new("Content-Disposition", KnownField.ContentDisposition, true),
        new("Content-Language", KnownField.ContentLanguage, false),
        new("Content-Location", KnownField.ContentLocation, false),
        .. Cached(
            "References", "MIME-Version", "User-Agent", "X-Mailer", "X-Priority", "Priority", "Importance", "Return-Path", "Delivered-To",
            "List-Id", "List-Post", "List-Unsubscribe", "List-Unsubscribe-Post", "Disposition-Notification-To", "Return-Receipt-To",
            "Newsgroups", "X-Spam-Status", "X-Spam-Flag", "Authentication-Results", "Autocrypt", "Errors-To", "X-Label", "X-Keywords",
            "Resent-Date", "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc", "Resent-Message-ID"),
    ]);

    /// <summary>The known field with this name, and whether it is cached.</summary>
    public static KnownField Find(ReadOnlySpan<byte> name, out bool isCached)
    {
        if (name.Length < ByLength.Length)
        {
            foreach (var entry in ByLength[name.Length])
            {
                if (!Ascii.EqualsIgnoreCase(name, entry.Name)) continue;
                isCached = entry.IsCached;
                return entry.Field;
            }
        }

        isCached = false;
        return KnownField.None;
    }

    private static IEnumerable<Entry> Cached(params string[] names) => names.Select(name => new Entry(name, KnownField.Other, true));

    private static Entry[][] Index(Entry[] entries)
    {
        var lengths = Enumerable.Range(0, entries.Max(entry => entry.Name.Length) + 1);
        return [.. lengths.Select(length => entries.Where(entry => entry.Name.Length == length).ToArray())];
    }

    private readonly record struct Entry(byte[] Name, KnownField Field, bool IsCached)
    {
        public Entry(string name, KnownField field, bool isCached) : this(Encoding.ASCII.GetBytes(name), field, isCached) { }
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// The items of a message that are not kept in memory. The identifier of the content comes from the base name and the size in the file name, which all copies
/// of a message share and a lost index does not change.
/// </summary>
internal sealed class MessageDetailsReader(MailboxContext context)
{
    /// <summary>The items that this class reads.</summary>
    public const FetchItems All = FetchItems.EmailId | FetchItems.SavedDate | FetchItems.Preview | FetchItems.QuickPreview;

    /// <summary>A preview of a message up to this size is read at once, in octets.</summary>
    private const long Short = 64 * 1024;

    private const int IdOctets = 16;

    /// <exception cref="UnreadableMessageException">The preview is not cached, and the message file cannot be read.</exception>
    public MessageDetails Read(Folder folder, int position, FetchItems items)
    {
        var emailId = items.HasFlag(FetchItems.EmailId) ? EmailId(folder, position) : null;
        DateTimeOffset? saved = items.HasFlag(FetchItems.SavedDate) ? DateTimeOffset.FromUnixTimeSeconds(SavedAt(folder, position)) : null;
        var preview = (items & (FetchItems.Preview | FetchItems.QuickPreview)) == 0 ? null : Preview(folder, position, items.HasFlag(FetchItems.Preview));
        return new MessageDetails(emailId, saved, preview);
    }

    /// <summary>When the message came into the folder, in seconds of Unix time.</summary>
    public long SavedAt(Folder folder, int position) => context.Index.Messages.SavedAt(folder.Id, folder.Messages!.Uids[position]);

    /// <summary>The identifier of the content; null if the message has just been removed.</summary>
    public string? EmailId(Folder folder, int position)
    {
        if (context.Index.Messages.BaseOf(folder.Id, folder.Messages!.Uids[position]) is not { } baseName) return null;
        var key = string.Create(CultureInfo.InvariantCulture, $"{baseName},S={folder.Messages[position].Size}");
        return "M" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, IdOctets));
    }

    private string? Preview(Folder folder, int position, bool mayTakeLong)
    {
        var key = IndexDatabase.Key(folder.Id, folder.Messages!.Uids[position]);
        if (context.Index.Cache.FindPreview(key) is { } cached) return cached;
        if (!mayTakeLong && folder.Messages[position].Size > Short) return null;
        var preview = context.Read(folder, position, content =>
        {
            using (content) return context.Format.Preview(content);
        });
        context.Index.Write(() => context.Index.Cache.InsertPreview(key, preview), lasting: false);
        return preview;
    }
}

using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Views;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Listing;

/// <summary>A name in a LIST response. A name that is only a parent of folders or only subscribed is not a folder.</summary>
internal sealed record ListedFolder(FolderName Name, FolderRole Role, bool IsFolder)
{
    public bool HasChildren { get; set; }

    public bool IsSubscribed { get; set; }

    /// <summary>The name fulfils the selection options.</summary>
    public bool IsSelected { get; set; }

    /// <summary>Names below this one fulfil the selection options (RFC 5258 §3.5).</summary>
    public bool HasSelectedChildren { get; set; }

    /// <summary><c>* LIST (attributes) "/" name</c>.</summary>
    /// <param name="writer">The output.</param>
    /// <param name="options">The options of the command.</param>
    /// <param name="enabled">What the client has enabled.</param>
    /// <param name="oldName">The name that the client used, or the one before a rename (RFC 9051 §6.3.9.7); null if there is no other.</param>
    public void Write(ref ImapWriter writer, ListOptions options, EnabledExtensions enabled, string? oldName = null)
    {
        writer.Write("* LIST ("u8);
        if (!IsFolder) writer.Write(options.IsExtended || enabled.Rev2 ? "\\NonExistent "u8 : "\\Noselect "u8);
        writer.Write(HasChildren ? "\\HasChildren"u8 : "\\HasNoChildren"u8); // RFC 3348
        if (SpecialUse.NameOf(Role) is { Length: > 0 } use)
        {
            writer.Write((byte)' ');
            writer.Write(use);
        }

        if (options.ShowsSubscriptions && IsSubscribed) writer.Write(" \\Subscribed"u8);
        writer.Write(") \"/\" "u8);
        writer.Mailbox(Name.Value, enabled.Utf8Names);
        if (oldName is not null)
        {
            writer.Write(" (\"OLDNAME\" ("u8);
            writer.Mailbox(oldName, enabled.Utf8Names);
            writer.Write("))"u8);
        }

        // Of the selection options only SUBSCRIBED can be the reason.
        if (options.IsRecursive && HasSelectedChildren) writer.Write(" (\"CHILDINFO\" (\"SUBSCRIBED\"))"u8);
        writer.EndLine();
    }
}

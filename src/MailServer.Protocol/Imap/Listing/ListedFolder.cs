using MailServer.Domain.Mailboxes;
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
    public void Write(ref ImapWriter writer, ListOptions options)
    {
        writer.Write("* LIST ("u8);
        if (!IsFolder) writer.Write(options.IsExtended ? "\\NonExistent "u8 : "\\Noselect "u8);
        writer.Write(HasChildren ? "\\HasChildren"u8 : "\\HasNoChildren"u8); // RFC 3348
        if (SpecialUse.NameOf(Role) is { Length: > 0 } use)
        {
            writer.Write((byte)' ');
            writer.Write(use);
        }

        if (options.ShowsSubscriptions && IsSubscribed) writer.Write(" \\Subscribed"u8);
        writer.Write(") \"/\" "u8);
        writer.Mailbox(Name.Value);
        // Of the selection options only SUBSCRIBED can be the reason.
        if (options.IsRecursive && HasSelectedChildren) writer.Write(" (\"CHILDINFO\" (\"SUBSCRIBED\"))"u8);
        writer.EndLine();
    }
}

using System.Text;

namespace MailServer.Domain.Mailboxes;

/// <summary>What an account may do with a folder of another mailbox (RFC 4314 §2.1). The owner of a mailbox may always do everything.</summary>
[Flags]
public enum FolderRights
{
    None = 0,

    /// <summary><c>l</c>: the folder is visible.</summary>
    Lookup = 1,

    /// <summary><c>r</c>: read messages and their status.</summary>
    Read = 2,

    /// <summary><c>s</c>: keep which messages this account has seen.</summary>
    Seen = 4,

    /// <summary><c>w</c>: change flags other than <c>\Seen</c> and <c>\Deleted</c>.</summary>
    Write = 8,

    /// <summary><c>i</c>: add messages.</summary>
    Insert = 16,

    /// <summary><c>p</c>: send mail to the folder by its address.</summary>
    Post = 32,

    /// <summary><c>k</c>: create folders below.</summary>
    Create = 64,

    /// <summary><c>x</c>: remove or rename the folder.</summary>
    Delete = 128,

    /// <summary><c>t</c>: change <c>\Deleted</c>.</summary>
    DeleteMessages = 256,

    /// <summary><c>e</c>: remove messages.</summary>
    Expunge = 512,

    /// <summary><c>a</c>: change who may do what.</summary>
    Administer = 1024,

    All = 2047,
}

/// <summary>The notation of rights in letters, with the obsolete <c>c</c> and <c>d</c> (RFC 4314 §2.1.1).</summary>
public static class FolderRightsText
{
    private const FolderRights AnyCreate = FolderRights.Create | FolderRights.Delete;
    private const FolderRights AnyDelete = FolderRights.DeleteMessages | FolderRights.Expunge;
    private const string Letters = "lrswipkxtea";

    /// <summary>Reads rights; false for letters that are no rights, also in upper case.</summary>
    public static bool TryParse(string text, out FolderRights rights)
    {
        ArgumentNullException.ThrowIfNull(text);
        rights = FolderRights.None;
        foreach (var letter in text)
        {
            if (letter == 'c') rights |= AnyCreate;
            else if (letter == 'd') rights |= AnyDelete;
            else if (Letters.IndexOf(letter, StringComparison.Ordinal) is >= 0 and var at) rights |= (FolderRights)(1 << at);
            else return false;
        }

        return true;
    }

    /// <summary>The letters of the rights.</summary>
    /// <param name="rights">The rights.</param>
    /// <param name="withObsolete">Also <c>c</c> and <c>d</c>, which old clients need.</param>
    public static string Format(FolderRights rights, bool withObsolete = true)
    {
        var text = new StringBuilder(Letters.Length + 2);
        for (var at = 0; at < Letters.Length; at++)
            if (rights.HasFlag((FolderRights)(1 << at))) text.Append(Letters[at]);
        if (withObsolete && (rights & AnyCreate) != 0) text.Append('c');
        if (withObsolete && (rights & AnyDelete) != 0) text.Append('d');
        return text.ToString();
    }
}

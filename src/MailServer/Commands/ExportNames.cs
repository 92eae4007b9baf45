using System.Globalization;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Names;

namespace MailServer.Commands;

/// <summary>
/// What the folders of an export are called: each has a name of its own that a file system takes, also where what other programs allow in names makes two
/// of them equal or one too long.
/// </summary>
internal sealed class ExportNames(bool isMbox)
{
    private const string Extension = ".mbox";

    // Of the 255 octets that file systems take; the rest is for an ending.
    private const int LongestPart = 240;

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>The file or directory of a folder, relative to the export.</summary>
    public string Of(FolderName folder)
    {
        if (!isMbox && folder == FolderName.Inbox) return "";
        var whole = isMbox ? folder.Value : folder.Value.Replace('.', '_');
        for (var number = 1; ; number++)
        {
            var ending = number == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"~{number}");
            var name = isMbox ? MboxName(whole, ending) : "." + Fit(whole, static text => ModifiedUtf7.Encode(text).Replace('/', '.')) + ending;
            if (_taken.Add(name)) return name;
        }
    }

    /// <summary>Whether a folder has another name in the export than anybody expects.</summary>
    public bool IsChanged(FolderName folder, string name) => isMbox
        ? name != folder.Value + Extension
        : name.Length > 0 && name != "." + ModifiedUtf7.Encode(folder.Value.Replace('.', '_')).Replace('/', '.');

    // A directory is never called like the file of a folder beside it.
    private static string MboxName(string whole, string ending)
    {
        var parts = whole.Split(FolderName.Separator).Select(static part => Fit(part, static text => text)).ToArray();
        for (var i = 0; i < parts.Length - 1; i++)
            if (parts[i].EndsWith(Extension, StringComparison.Ordinal)) parts[i] += "~";
        return string.Join('/', parts) + ending + Extension;
    }

    /// <summary>As much of a text as there is room for, without half a character.</summary>
    private static string Fit(string text, Func<string, string> encode)
    {
        var encoded = encode(text);
        while (Encoding.UTF8.GetByteCount(encoded) > LongestPart)
        {
            text = text[..^(char.IsLowSurrogate(text[^1]) && text.Length > 1 ? 2 : 1)].TrimEnd(FolderName.Separator);
            encoded = encode(text);
        }

        return encoded;
    }
}

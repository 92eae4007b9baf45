using System.Globalization;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Names;

namespace MailServer.Exporting;

/// <summary>
/// Assigns each folder of an export a unique name that is valid for a file system, even if the naming rules of other programs make two names equal or one
/// too long.
/// </summary>
internal sealed class ExportNames(bool isMbox)
{
    private const string Extension = ".mbox";

    // File systems allow 255 octets; the rest is reserved for a suffix.
    private const int LongestPart = 240;

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>The path of a folder's file or directory, relative to the export.</summary>
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

    /// <summary>Whether the name of a folder was changed for the export.</summary>
    public bool IsChanged(FolderName folder, string name) => isMbox
        ? name != folder.Value + Extension
        : name.Length > 0 && name != "." + ModifiedUtf7.Encode(folder.Value.Replace('.', '_')).Replace('/', '.');

    // A directory never has the same name as the file of a sibling folder.
    private static string MboxName(string whole, string ending)
    {
        var parts = whole.Split(FolderName.Separator).Select(static part => Fit(part, static text => text)).ToArray();
        for (var i = 0; i < parts.Length - 1; i++)
            if (parts[i].EndsWith(Extension, StringComparison.Ordinal)) parts[i] += "~";
        return string.Join('/', parts) + ending + Extension;
    }

    /// <summary>Truncates a text to the available length without splitting a character.</summary>
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

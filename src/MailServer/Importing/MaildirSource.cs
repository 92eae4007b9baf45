using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Names;
using MailServer.Storage.SafeFiles;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Importing;

/// <summary>
/// Reads a Maildir, with folders as <c>.Archive.2026</c> (Maildir++ of Courier and Dovecot) or as plain directories. Keywords are read from
/// <c>dovecot-keywords</c>. Dates are the modification times of the files.
/// </summary>
internal sealed class MaildirSource : IMailSource
{
    private const int LargestKeywords = 1024 * 1024;

    // Folder names have at most this many levels.
    private const int MaxDepth = 32;

    private static readonly string[] Parts = ["cur", "new"];

    private readonly List<(FolderName? Name, string Directory)> _folders = [];
    private readonly List<string> _odd = [];
    private readonly HashSet<(uint Major, uint Minor, ulong Inode)> _walked = [];
    private readonly string _root;
    private readonly long _maxMessage;

    /// <param name="root">The Maildir.</param>
    /// <param name="maxMessage">The maximum message size in octets.</param>
    /// <exception cref="DirectoryNotFoundException">The directory does not exist or is not a Maildir.</exception>
    public MaildirSource(string root, long maxMessage)
    {
        (_root, _maxMessage) = (root, maxMessage);
        if (!Directory.Exists(root)) throw new DirectoryNotFoundException($"no directory {root}");
        if (IsFolder(root)) _folders.Add((FolderName.Inbox, root));
        if (FileStat.Find(Directory.ResolveLinkTarget(root, returnFinalTarget: true)?.FullName ?? root) is { } facts) _walked.Add(facts.Identity);
        Walk(root, "", 0);
        if (_folders.Count == 0) throw new DirectoryNotFoundException($"{root} is not a Maildir: neither it nor any directory in it contains cur/ or new/");
        _folders.Sort(static (a, b) => string.CompareOrdinal(a.Directory, b.Directory));
        Count = _folders.Sum(static f => Parts.Sum(part => ListOf(Path.Combine(f.Directory, part), static _ => { }).LongCount()));
    }

    public long? Count { get; }

    public async IAsyncEnumerable<SourceItem> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        foreach (var path in _odd)
            if (ReasonOfDirectory(path) is { } reason) yield return new SourceRefusal(path, reason);
        foreach (var (name, directory) in _folders)
        {
            var keywords = name is null ? [] : Keywords(directory);
            foreach (var part in Parts)
            {
                var odd = new List<SourceRefusal>();
                var files = ListOf(Path.Combine(directory, part), odd.Add);
                foreach (var refused in odd) yield return refused;
                foreach (var file in files)
                {
                    cancel.ThrowIfCancellationRequested();
                    yield return name is { } folder ? Read(file, folder, keywords) : new SourceRefusal(file, $"the name of {directory} is not a valid folder name here");
                }
            }
        }
    }

    private SourceItem Read(string file, FolderName folder, Dictionary<char, string> keywords)
    {
        try
        {
            using var handle = SafeFileReader.OpenBeneath(_root, Path.GetRelativePath(_root, file));
            var date = new DateTimeOffset(File.GetLastWriteTimeUtc(handle));
            var size = RandomAccess.GetLength(handle);
            if (size > _maxMessage) return SourceRefusal.TooLarge(file, size, _maxMessage, ImportedHeader.Read(ReadStart(handle, ImportedHeader.HeaderPrefixOctets)).MessageId);
            var content = ReadStart(handle, (int)size);
            if (PackedMessage.FormOf(content) is { } form) return new SourceRefusal(file, $"it is {form}: let the server that wrote it export it, or unpack it first");
            var message = PackedMessage.IsGzip(content) ? PackedMessage.Inflate(content, _maxMessage) : content;
            return message is null
                ? new SourceRefusal(file, $"it is compressed and has more octets than security.max_message_size, {_maxMessage}")
                : new SourceMessage(file, folder, Flags(Path.GetFileName(file), keywords), date, message);
        }
        catch (InvalidDataException e)
        {
            return new SourceRefusal(file, $"it is compressed with gzip and damaged: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new SourceRefusal(file, e.Message);
        }
    }

    /// <summary>Reads up to <paramref name="count"/> octets; fewer if the file has become shorter.</summary>
    private static byte[] ReadStart(SafeFileHandle handle, int count)
    {
        var content = new byte[count];
        var length = 0;
        while (length < count && RandomAccess.Read(handle, content.AsSpan(length), length) is > 0 and var read) length += read;
        return length == count ? content : content[..length];
    }

    private void Walk(string directory, string parent, int depth)
    {
        List<string> children = [];
        try
        {
            children.AddRange(SafeFileReader.Directories(directory, odd => NoteOdd(directory, odd)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _odd.Add(directory);
        }

        foreach (var child in children.Order(StringComparer.Ordinal))
        {
            var file = Path.GetFileName(child);
            if (file is "cur" or "new" or "tmp" || FileStat.Find(child) is not { } facts || !_walked.Add(facts.Identity)) continue;
            // Maildir++ names contain the whole path, in modified UTF-7.
            var name = file[0] == '.' ? Decode(file[1..]).Replace('.', '/') : parent + Uri.UnescapeDataString(file);
            if (IsFolder(child)) _folders.Add((FolderNames.Of(name), child));
            else if (file[0] == '.') _odd.AddRange(Parts.Select(part => Path.Combine(child, part)).Where(static p => FileStat.Find(p) is not null));
            if (file[0] != '.' && depth < MaxDepth) Walk(child, name + "/", depth + 1);
        }
    }

    private void NoteOdd(string directory, string path)
    {
        // Handled when the folder is read, or irrelevant.
        if (Path.GetFileName(path) is var name && (name == "tmp" || (Parts.Contains(name) && IsFolder(directory)))) return;
        _odd.Add(path);
    }

    /// <summary>The reason why mail below a path is not imported; null if there is none, or if it is imported under another path.</summary>
    private string? ReasonOfDirectory(string path)
    {
        switch (FileStat.Find(path))
        {
            case null:
                return HasLostName(path) ? "its name is not valid UTF-8: rename it" : null;
            case { Kind: FileKind.Directory }:
                return "the directory cannot be read";
            case { Kind: FileKind.SymbolicLink } when Directory.Exists(path):
                var target = Directory.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName;
                return target is not null && FileStat.Find(target) is { } facts && _walked.Contains(facts.Identity) ? null : "it is a symbolic link to a directory; import that directory itself";
            default:
                return null;
        }
    }

    // Invalid UTF-8 was replaced when the directory was listed.
    private static bool HasLostName(string path) => Path.GetFileName(path).Contains('\uFFFD', StringComparison.Ordinal);

    /// <summary>The message files in a directory, ordered by name. Other entries that may be mail are passed to <paramref name="refuse"/>.</summary>
    private static IEnumerable<string> ListOf(string part, Action<SourceRefusal> refuse)
    {
        if (FileStat.Find(part) is not { } facts) return [];
        if (facts.Kind != FileKind.Directory)
        {
            refuse(new SourceRefusal(part, "it is a symbolic link or a special file, not a directory"));
            return [];
        }

        try
        {
            string[] files = [.. SafeFileReader.Files(part, odd => refuse(new SourceRefusal(odd, ReasonOf(odd))))];
            return files.Where(static f => Path.GetFileName(f)[0] != '.').Order(StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            refuse(new SourceRefusal(part, e.Message));
            return [];
        }
    }

    private static string ReasonOf(string file) => FileStat.Find(file)?.Kind switch
    {
        FileKind.SymbolicLink => "it is a symbolic link",
        null when HasLostName(file) => "its name is not valid UTF-8: rename it",
        null => "it cannot be read",
        _ => "it is not a regular file",
    };

    private static string Decode(string name) => ModifiedUtf7.TryDecode(Encoding.Latin1.GetBytes(name), out var decoded) ? decoded : name;

    // Copies leave out directories without files: one of the two is enough.
    private static bool IsFolder(string path) => Parts.Any(part => SafeFileReader.IsDirectory(Path.Combine(path, part)));

    /// <summary>Reads <c>dovecot-keywords</c>: each line is a number and a keyword, and the number stands for a letter (0 = a).</summary>
    private static Dictionary<char, string> Keywords(string directory)
    {
        var file = Path.Combine(directory, "dovecot-keywords");
        var keywords = new Dictionary<char, string>();
        foreach (var line in Lines(file))
        {
            var parts = line.Split(' ', 2);
            if (parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n < 26) keywords[(char)('a' + n)] = parts[1];
        }

        return keywords;
    }

    private static string[] Lines(string file)
    {
        if (FileStat.Find(file) is not { Kind: FileKind.Regular }) return [];
        try
        {
            using var handle = SafeFileReader.Open(file);
            return Encoding.UTF8.GetString(ReadStart(handle, (int)Math.Min(RandomAccess.GetLength(handle), LargestKeywords))).Split('\n', StringSplitOptions.TrimEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Import the messages without keywords.
            return [];
        }
    }

    private static MessageFlags Flags(string file, Dictionary<char, string> keywords)
    {
        var system = SystemFlags.None;
        var found = new List<string>();
        foreach (var letter in LettersOf(file))
        {
            if (keywords.TryGetValue(letter, out var keyword)) found.Add(keyword);
            system |= letter switch
            {
                'D' => SystemFlags.Draft,
                'F' => SystemFlags.Flagged,
                'R' => SystemFlags.Answered,
                'S' => SystemFlags.Seen,
                'T' => SystemFlags.Deleted,
                _ => SystemFlags.None,
            };
            if (letter == 'P') found.Add("$Forwarded");
        }

        return new MessageFlags(system, SourceKeywords.Of(found));
    }

    /// <summary>The letters of the flags. Where a name cannot have a colon (FAT, Windows, archives), programs put another character in its place.</summary>
    private static string LettersOf(string file)
    {
        const string Version = "2,";
        var at = file.LastIndexOf(Version, StringComparison.Ordinal);
        if (at < 1) return "";
        var letters = file[(at + Version.Length)..];
        return file[at - 1] == ':' || (file[at - 1] is ';' or '!' or '_' or '-' && letters.All(char.IsAsciiLetter)) ? letters : "";
    }
}

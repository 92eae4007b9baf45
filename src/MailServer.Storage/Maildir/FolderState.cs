using System.Collections.Immutable;
using System.Globalization;
using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.Maildir;

/// <summary>
/// The persistent state of a folder in <c>folder.state</c>: its identity, and upper bounds of the UIDs and mod-sequences
/// assigned so far. Numbers are reserved in blocks, so that the file is written about once per thousand messages.
/// </summary>
internal sealed record FolderState
{
    public const string FileName = "folder.state";
    private const string Version = "mailserver-folder 1";

    public required FolderId Id { get; init; }

    public required UidValidity UidValidity { get; init; }

    /// <summary>UIDs below this value may have been assigned.</summary>
    public uint UidNext { get; init; } = 1;

    /// <summary>Mod-sequences up to this value may have been assigned.</summary>
    public long ModSeq { get; init; } = 1;

    public FolderRole Role { get; init; }

    /// <summary>The keywords represented by the letters a–z in file names.</summary>
    public ImmutableArray<string> Keywords { get; init; } = [];

    /// <summary>True while the folder is being removed; its remaining files are not mail.</summary>
    public bool IsRemoved { get; init; }

    public void Save(string directory, bool sync) => StateFile.ReplaceChecked(Path.Combine(directory, FileName), Version, [.. Lines()], sync);

    /// <summary>Reads the state; null if the file is missing or unreadable. The folder then gets a new UIDVALIDITY.</summary>
    public static FolderState? Load(string directory)
    {
        if (StateFile.ReadLines(Path.Combine(directory, FileName)) is not { } found || StateFile.Verify(found) is not [Version, ..] lines) return null;
        var state = new FolderState { Id = default, UidValidity = default };
        foreach (var line in lines.Skip(1))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space > 0) state = With(state, line[..space], line[(space + 1)..]);
        }

        return state.Id.Value > 0 && state.UidValidity.Value > 0 ? state : null;
    }

    private static FolderState With(FolderState state, string key, string value) => key switch
    {
        "id" => state with { Id = new FolderId(Number(value)) },
        "uidvalidity" => state with { UidValidity = new UidValidity((uint)Number(value)) },
        "uidnext" => state with { UidNext = (uint)Math.Max(1, Number(value)) },
        "modseq" => state with { ModSeq = Math.Max(1, Number(value)) },
        "role" => state with { Role = Enum.TryParse<FolderRole>(value, out var role) ? role : FolderRole.None },
        "keyword" => state with { Keywords = state.Keywords.Add(value) },
        "removed" => state with { IsRemoved = true },
        _ => state,
    };

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;

    private IEnumerable<string> Lines()
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"id {Id.Value}");
        yield return string.Create(CultureInfo.InvariantCulture, $"uidvalidity {UidValidity.Value}");
        yield return string.Create(CultureInfo.InvariantCulture, $"uidnext {UidNext}");
        yield return string.Create(CultureInfo.InvariantCulture, $"modseq {ModSeq}");
        yield return $"role {Role}";
        foreach (var keyword in Keywords) yield return $"keyword {keyword}";
        if (IsRemoved) yield return "removed yes";
    }
}

using System.Text.Json.Serialization;
using MailServer.Domain.Mailboxes;

namespace MailServer.Web.Admin;

/// <summary>The scripts of an account.</summary>
public sealed record ScriptListDocument(IReadOnlyList<ScriptDocument> Scripts)
{
    /// <summary>What is wrong with the files of scripts, a sentence for each.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    public static ScriptListDocument Of(MailboxReply.Scripts found) =>
        new([.. found.All.Select(static s => new ScriptDocument(s.Name, s.IsActive, s.Size, s.ChangedAt, s.Version))]) { Faults = found.Faults };
}

/// <summary>A script.</summary>
public sealed record ScriptDocument(string Name, bool Active, long Size, DateTimeOffset ChangedAt, string Version);

/// <summary>The text of a script, in Base64.</summary>
public sealed record ScriptTextDocument(byte[] Text);

/// <summary>What was asked for is so. <paramref name="Changed"/> is false if it was before.</summary>
public sealed record ScriptChangedDocument(bool Changed);

/// <summary>What a script would do with a message.</summary>
public sealed record ScriptTestDocument(IReadOnlyList<string> Trace, IReadOnlyList<string> Actions, string? Error);

/// <summary>JSON serialization of scripts in the admin API, shared with the command line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ScriptListDocument))]
[JsonSerializable(typeof(ScriptTextDocument))]
[JsonSerializable(typeof(ScriptChangedDocument))]
[JsonSerializable(typeof(ScriptTestDocument))]
public sealed partial class ScriptJson : JsonSerializerContext;

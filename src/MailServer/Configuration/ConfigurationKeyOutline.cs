namespace MailServer.Configuration;

/// <summary>A key as the reference and the example show it.</summary>
/// <param name="Path">Its full name, such as <c>server.hostname</c>.</param>
/// <param name="Allowed">The allowed values.</param>
/// <param name="IsList">Whether it also takes a list of them.</param>
/// <param name="Text">What it does, in Markdown.</param>
/// <param name="Default">The default as it is written in YAML; null if there is none.</param>
internal sealed record ConfigurationKeyOutline(string Path, string Allowed, bool IsList, string Text, string? Default)
{
    /// <summary>The last part of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    public string? Example { get; init; }

    public bool IsFileReread { get; init; }

    public bool IsAdvised { get; init; }
}

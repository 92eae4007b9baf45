namespace MailServer.Configuration;

/// <summary>One value of the configuration with its path, such as <c>server.hostname</c>, or <c>server.listen.0</c> for an item of a list.</summary>
internal sealed record ConfigurationEntry(string Path, string Value, string Source, int Line)
{
    /// <summary>What is written at the path.</summary>
    public EntryShape Shape { get; init; }

    /// <summary>Whether it is a list without items: <c>[]</c>, or an empty string.</summary>
    public bool IsEmptyList => Shape == EntryShape.EmptyList || (Shape == EntryShape.Scalar && Value.Length == 0);
}

/// <summary>What is written at a path: a value, or a list or mapping that contains none.</summary>
internal enum EntryShape
{
    Scalar,
    EmptyList,
    EmptyMapping,
}

namespace MailServer.Domain.Messages;

/// <summary>The part of a message in which a search looks.</summary>
public enum SearchScope
{
    /// <summary>The fields of the message's own header.</summary>
    Header,

    /// <summary>Everything else: the text parts, and the headers of parts and embedded messages.</summary>
    Body,
}

/// <summary>Receives the searchable text of a message, piece by piece.</summary>
public interface ISearchTextReceiver
{
    /// <summary>Takes one piece. Pieces of the same text overlap. Returns false if no more is wanted.</summary>
    bool Receive(SearchScope scope, ReadOnlySpan<char> folded);
}

namespace MailServer.Domain.Collections;

/// <summary>A write lock (RFC 4918 §6).</summary>
/// <param name="Token">An absolute URI, unique for ever.</param>
/// <param name="Root">The resource that was locked.</param>
/// <param name="Exclusive">Nobody else may lock it meanwhile; shared otherwise.</param>
/// <param name="Deep">It covers everything below its root.</param>
/// <param name="Owner">The content of the client's owner element, as XML; empty when it sent none.</param>
/// <param name="Until">When it ends by itself.</param>
public sealed record ResourceLock(string Token, CollectionPath Root, bool Exclusive, bool Deep, string Owner, DateTimeOffset Until)
{
    public bool Covers(CollectionPath path) => Deep ? Root.Contains(path) : Root.Equals(path);
}

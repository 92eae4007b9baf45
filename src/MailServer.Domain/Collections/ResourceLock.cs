namespace MailServer.Domain.Collections;

/// <summary>A write lock (RFC 4918 §6).</summary>
/// <param name="Token">Lock token: an absolute URI, never reused.</param>
/// <param name="Root">The locked resource.</param>
/// <param name="Exclusive">True for an exclusive lock, false for a shared lock.</param>
/// <param name="Deep">True if the lock covers everything below its root (depth infinity).</param>
/// <param name="Owner">The content of the owner element as XML; empty if the client sent none.</param>
/// <param name="Until">Expiry time.</param>
public sealed record ResourceLock(string Token, CollectionPath Root, bool Exclusive, bool Deep, string Owner, DateTimeOffset Until)
{
    public bool Covers(CollectionPath path) => Deep ? Root.Contains(path) : Root.Equals(path);
}

namespace MailServer.Domain.Ordering;

/// <summary>One message of a list of threads. Each message follows its parent, and its replies follow it.</summary>
/// <param name="Number">The message: its position from 1, its UID or its sequence number, whatever the list uses; 0 for the missing parent of several messages.</param>
/// <param name="Depth">The number of its ancestors.</param>
public readonly record struct ThreadMember(uint Number, int Depth);

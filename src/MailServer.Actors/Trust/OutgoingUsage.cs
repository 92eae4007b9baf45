namespace MailServer.Actors.Trust;

/// <summary>What one account has sent to other hosts: messages today, recipients this hour and today, and new recipients today. A limit of 0 means none.</summary>
public sealed record OutgoingUsage(long MessagesToday, long ThisHour, int PerHour, long Today, int PerDay, long NewToday, int NewPerDay);

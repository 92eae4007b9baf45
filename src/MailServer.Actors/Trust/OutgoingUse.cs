namespace MailServer.Actors.Trust;

/// <summary>What one account has sent to other hosts: messages within a day, recipients within this hour and a day, and those among them that it had never written to. A limit of 0 is none.</summary>
public sealed record OutgoingUse(long MessagesToday, long ThisHour, int PerHour, long Today, int PerDay, long NewToday, int NewPerDay);

namespace Engine.Peers;

/// <summary>One workload's line.</summary>
/// <param name="Name">The workload.</param>
/// <param name="Group">What it is one of.</param>
/// <param name="Times">Both libraries', each with the setting that suits it best.</param>
/// <param name="Roofline">The engine's share of the machine's limit.</param>
internal sealed record Result(string Name, Group Group, PairedTimes Times, double Roofline);

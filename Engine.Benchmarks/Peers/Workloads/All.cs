namespace Engine.Peers;

/// <summary>Every workload, in the order of the table.</summary>
internal static class All
{
    public static IReadOnlyList<Workload> Workloads { get; } =
    [
        .. ArticleWorkloads.All,
        .. MatMulWorkloads.All, .. ConvolutionWorkloads.All,
        .. MemoryWorkloads.All,
    ];
}

namespace Engine.Peers;

/// <summary>Every workload, in the order of the table.</summary>
internal static class All
{
    public static IReadOnlyList<Workload> Workloads { get; } =
    [
        .. ArticleWorkloads.All, .. BertWorkloads.All, .. GptWorkloads.All, .. ResNetWorkloads.All,
        .. MatMulWorkloads.All, .. ConvolutionWorkloads.All, .. AttentionWorkloads.All,
        .. MemoryWorkloads.All, .. OptimizerWorkloads.All,
    ];
}

namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_pq = max over the window of x; the first NaN wins, then the first of the largest
    private protected override void MaxPool2dForwardCore(View x, View y, Pool2dSizes sizes, View? argmax)
    {
        Span<double> input = Values(x), output = Values(y), arg = argmax is { } given ? Values(given) : default;
        int at = 0;
        for (int plane = 0; plane < sizes.Planes; plane++)
            for (int p = 0; p < sizes.P; p++)
                for (int q = 0; q < sizes.Q; q++, at++)
                {
                    var window = Window.At(sizes, p, q);
                    var image = input.Slice(plane * sizes.H * sizes.W, sizes.H * sizes.W);
                    int best = window.Top * sizes.W + window.Left;
                    for (int h = window.Top; h < window.Bottom; h++)
                        for (int w = window.Left; w < window.Right; w++)
                        {
                            int i = h * sizes.W + w;
                            if (image[i] > image[best] || (double.IsNaN(image[i]) && !double.IsNaN(image[best]))) best = i;
                        }
                    output[at] = image[best];
                    if (!arg.IsEmpty) arg[at] = best;
                }
    }

    // dx_i = Σ dy_pq over the windows with argmax_pq = i
    private protected override void MaxPool2dBackwardCore(View argmax, View dy, View dx, Pool2dSizes sizes)
    {
        Span<double> arg = Values(argmax), gradient = Values(dy), result = Values(dx);
        result.Clear();
        for (int at = 0; at < gradient.Length; at++) result[at / (sizes.P * sizes.Q) * sizes.H * sizes.W + (int)arg[at]] += gradient[at];
    }

    // y_pq = Σ over the window of x / size
    private protected override void AvgPool2dForwardCore(View x, View y, Pool2dSizes sizes, bool countPadding)
    {
        Span<double> input = Values(x), output = Values(y);
        int at = 0;
        for (int plane = 0; plane < sizes.Planes; plane++)
            for (int p = 0; p < sizes.P; p++)
                for (int q = 0; q < sizes.Q; q++, at++)
                {
                    var window = Window.At(sizes, p, q);
                    double sum = 0;
                    for (int h = window.Top; h < window.Bottom; h++)
                        for (int w = window.Left; w < window.Right; w++) sum += input[(plane * sizes.H + h) * sizes.W + w];
                    output[at] = sum / (countPadding ? sizes.R * sizes.S : window.Count);
                }
    }

    // dx_i = Σ dy_pq / size over the windows that hold i
    private protected override void AvgPool2dBackwardCore(View dy, View dx, Pool2dSizes sizes, bool countPadding)
    {
        Span<double> gradient = Values(dy), result = Values(dx);
        result.Clear();
        int at = 0;
        for (int plane = 0; plane < sizes.Planes; plane++)
            for (int p = 0; p < sizes.P; p++)
                for (int q = 0; q < sizes.Q; q++, at++)
                {
                    var window = Window.At(sizes, p, q);
                    double share = gradient[at] / (countPadding ? sizes.R * sizes.S : window.Count);
                    for (int h = window.Top; h < window.Bottom; h++)
                        for (int w = window.Left; w < window.Right; w++) result[(plane * sizes.H + h) * sizes.W + w] += share;
                }
    }
}

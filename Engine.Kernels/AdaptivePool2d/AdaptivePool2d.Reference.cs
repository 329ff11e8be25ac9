namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_pq = max over the window of x; the first NaN wins, then the first of the largest
    private protected override void AdaptiveMaxPool2dForwardCore(View x, View y, View argmax, AdaptivePool2dSizes sizes)
    {
        Span<double> input = Values(x), output = Values(y), arg = Values(argmax);
        for (int at = 0; at < output.Length; at++)
        {
            var window = WindowOf(at, sizes);
            var image = PlaneOf(at, sizes, input);
            int best = window.Top * sizes.W + window.Left;
            for (int h = window.Top; h < window.Bottom; h++)
                for (int w = window.Left; w < window.Right; w++)
                {
                    int i = h * sizes.W + w;
                    if (image[i] > image[best] || (double.IsNaN(image[i]) && !double.IsNaN(image[best]))) best = i;
                }
            (output[at], arg[at]) = (image[best], best);
        }
    }

    // y_pq = Σ over the window of x / size
    private protected override void AdaptiveAvgPool2dForwardCore(View x, View y, AdaptivePool2dSizes sizes)
    {
        Span<double> input = Values(x), output = Values(y);
        for (int at = 0; at < output.Length; at++)
        {
            var window = WindowOf(at, sizes);
            var image = PlaneOf(at, sizes, input);
            double sum = 0;
            for (int h = window.Top; h < window.Bottom; h++)
                for (int w = window.Left; w < window.Right; w++) sum += image[h * sizes.W + w];
            output[at] = sum / window.Count;
        }
    }

    // dx_i = Σ dy_pq / size over the windows that hold i
    private protected override void AdaptiveAvgPool2dBackwardCore(View dy, View dx, AdaptivePool2dSizes sizes)
    {
        Span<double> gradient = Values(dy), result = Values(dx);
        result.Clear();
        for (int at = 0; at < gradient.Length; at++)
        {
            var window = WindowOf(at, sizes);
            var image = PlaneOf(at, sizes, result);
            for (int h = window.Top; h < window.Bottom; h++)
                for (int w = window.Left; w < window.Right; w++) image[h * sizes.W + w] += gradient[at] / window.Count;
        }
    }

    /// <summary>The window of result number <paramref name="at"/>.</summary>
    private static Window WindowOf(int at, AdaptivePool2dSizes z) => z.At(at / z.Q % z.P, at % z.Q);

    /// <summary>The plane of result number <paramref name="at"/>.</summary>
    private static Span<double> PlaneOf(int at, AdaptivePool2dSizes z, Span<double> x) => x.Slice(at / z.Q / z.P * z.H * z.W, z.H * z.W);
}
